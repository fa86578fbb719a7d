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

const own = [
  { title: `Node ${process.versions.node}`, command: commandOf('node') },
  { title: 'Deno', command: commandOf('deno') },
]
const others = OTHER_RUNTIMES.map((other) => {
  const program = installed(other)
  return { title: other.title, command: program === undefined ? undefined : [program] }
})

const recap: string[] = []
const total = { passed: 0, failed: 0 }
for (const { title, command } of [...own, ...others]) {
  const counts = command && (await run(title, command))
  if (counts) {
    total.passed += counts.passed
    total.failed += counts.failed
  }
  recap.push(
    counts ? `${title}: ${counts.passed} passed, ${counts.failed} failed` : `${title}: not run, it is not here`,
  )
}
process.stdout.write(`\n${recap.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed > 0 ? 1 : 0

// --- internal ---

/** What the driver says of itself; a run that ends otherwise has failed once. */
async function run(title: string, [program, ...args]: readonly string[]): Promise<{ passed: number; failed: number }> {
  process.stdout.write(`\n== ${title}\n`)
  const driver = fileURLToPath(new URL('_run.ts', import.meta.url))
  const child = spawn(program!, [...args, driver, ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let end = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    end = (end + text).slice(-1000)
  })
  const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(end) ?? []
  const isSaid = failed !== undefined && (status === 0) === (failed === '0')
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) + (isSaid ? 0 : 1) }
}
