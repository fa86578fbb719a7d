/**
 * The whole suite on every runtime that is here or that npm can install, one after another; what is not is named.
 *
 *     npm run test:all [-- pattern…]
 *
 * The last line is `N passed, N failed` over all of them.
 */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { commandOf } from './_runtime.ts'
import { installed, OTHER_RUNTIMES } from './_runtimes.ts'
import { runSuites } from './_suites.ts'

const own = [
  { title: `Node ${process.versions.node}`, command: commandOf('node') },
  { title: 'Deno', command: commandOf('deno') },
]
const others = OTHER_RUNTIMES.map((other) => {
  const program = installed(other)
  return { title: other.title, command: program === undefined ? undefined : [program] }
})
await runSuites(
  [...own, ...others].map(({ title, command }) => ({ title, run: command && (() => runDriver(command)) })),
)

// --- internal ---

async function runDriver([program, ...args]: readonly string[]): Promise<{ output: string; status: unknown }> {
  const driver = fileURLToPath(new URL('_run.ts', import.meta.url))
  const child = spawn(program!, [...args, driver, ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    output += text
  })
  const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
  return { output, status }
}
