import { UsageError } from '../../core/errors.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Runs the embedded servers until Ctrl-C, and prints the settings that connect to them. */
export async function run({ host, args, flags, lifecycle, startSandbox }: CommandCall): Promise<void> {
  const { values } = commandArguments('sandbox', args, { port: { type: 'string' }, requests: { type: 'string' } }, 0)
  const port = wholeNumber('--port', values['port'], 0, 65_535)
  const requests = wholeNumber('--requests', values['requests'], 0, 10_000_000)
  const sandbox = await startSandbox({
    ...(port === undefined ? {} : { port }),
    ...(requests === undefined ? {} : { requests }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    throw new UsageError(
      `Cannot start the sandbox on port ${port}: the system says ${error.code}; choose another port, or leave --port out.`,
    )
  })
  const url = sandbox.settings['WFG_GRAPHQL_URL']
  if (!flags.quiet) {
    await host.stderr.write(
      `The sandbox is running at ${sandbox.origin}, a stand-in to learn and test with. In a browser, ${url} shows GraphiQL, and ${url}/schema the schema.\n` +
        'To use it, put these settings into .env.local and add --profile local, or set them in the environment. Press Ctrl-C to stop it.\n',
    )
  }
  const lines = Object.entries(sandbox.settings).map(([name, value]) => `${name}=${value}\n`)
  await host.stdout.write(lines.join(''))
  await host.sleep(FOREVER_MS, lifecycle.signal).catch(() => {})
  await sandbox.close()
}

// --- internal ---

/** The longest timer. The sandbox itself does not keep the process alive. */
const FOREVER_MS = 2_147_483_647

function wholeNumber(flag: string, text: unknown, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`Cannot start the sandbox: ${flag} needs a whole number from ${min} to ${max}.`)
}
