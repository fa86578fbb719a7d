import { UsageError } from '../../core/errors.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Keeps the embedded servers running until Ctrl-C, and prints the settings that reach them. */
export async function run({ host, args, flags, lifecycle, startSandbox }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('sandbox', args, {
    port: { type: 'string' },
    requests: { type: 'string' },
  })
  if (positionals.length > 0)
    throw new UsageError('Cannot start the sandbox: it takes flags only; expected sandbox [--port N] [--requests N].')
  const port = wholeNumber('--port', values['port'], 0, 65_535)
  const requests = wholeNumber('--requests', values['requests'], 0, 10_000_000)
  const sandbox = await startSandbox({
    ...(port === undefined ? {} : { port }),
    ...(requests === undefined ? {} : { requests }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    throw new UsageError(
      `Cannot start the sandbox on port ${port}: the system says ${error.code}; choose another with --port, or leave it out.`,
    )
  })
  const url = sandbox.settings['WFG_GRAPHQL_URL']
  if (!flags.quiet) {
    await host.stderr.write(
      `The sandbox is running at ${sandbox.origin}, a stand-in to learn and test with. In a browser, ${url} is GraphiQL and ${url}/schema the schema.\n` +
        'These settings reach it, in .env or in the environment. Press Ctrl-C to end it.\n',
    )
  }
  await host.stdout.write(
    `${Object.entries(sandbox.settings)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')}\n`,
  )
  await untilInterrupted(host, lifecycle.signal)
  await sandbox.close()
}

// --- internal ---

/** Longer than any process lives; the sandbox itself keeps none alive. */
const FOREVER_MS = 2_147_483_647

function untilInterrupted(host: Pick<CommandCall['host'], 'sleep'>, signal: AbortSignal): Promise<void> {
  return host.sleep(FOREVER_MS, signal).catch(() => {})
}

function wholeNumber(flag: string, text: unknown, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`Cannot start the sandbox: ${flag} needs a whole number from ${min} to ${max}.`)
}
