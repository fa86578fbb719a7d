/**
 * The test driver: uvu, guarded. uvu alone ends with exit code 0 when tests were lost; this turns red and says where.
 *
 *     node --import tsx test/_run.ts [--dir DIR] [--limit SECONDS] [--jobs N] [pattern…]
 *     deno run -A test/_run.ts [--dir DIR] [--limit SECONDS] [--jobs N] [pattern…]
 *
 * Runs every `*.test.ts` below DIR (default: this folder; `fixtures` folders are left out) whose path contains one of the
 * patterns, in N processes side by side (default: two more than there are processors, because tests wait a lot). A test may
 * take `--limit` seconds (default 120). A file that fails side by side runs once more alone, and is named: a busy machine
 * may be too slow for a limit. The slowest ten tests are named at the end. The last line is `N passed, N failed`, and a
 * fault of the run counts as failed.
 */
import { existsSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { claim, END_OF_FILE, type Red, type Report, runSideBySide } from './_jobs.ts'
import { placeTemporaryFiles } from './_memory.ts'
import { declared } from './_not_run.ts'
import { drained, settled } from './_settled.ts'
import { disableStorages, watchStorages } from './_storages.ts'
import { type Outcome, openSlot, type SuiteRun, type Watch, watchUvu } from './_watch.ts'

/** How long what a file left behind may take to end, in milliseconds. */
const GRACE_MS = 2000
/** How many of the slowest tests are named, and from how many milliseconds on. */
const SLOWEST = 10
const SLOW_MS = 1000
/** How many files may run again. If more fail, it is not the machine. */
const MAX_AGAIN = 5
/** Files that take long, and before them those that also wait long: then others compute meanwhile. */
const LONG = [
  /\/(?:package|worker_fleet)\.test/,
  /\b(?:queue|prepared|commands)\/|\/(?:readme|runtimes|secrets|few_rights)\.test/,
]

let passed = 0
let failed = 0
let finished = false
let inSuite = false
let print: (text: string, done?: () => void) => unknown = (text, done) => process.stdout.write(text, done)
let file = ''
let watch: Watch
let isJob = false
const recap: string[] = []
const red: Red[] = []
const unsteady: string[] = []
const notRun: string[] = []
const slow: { title: string; tookMs: number }[] = []

process.on('unhandledRejection', (reason) => fault(`a promise was rejected and nobody handled it${during()}`, reason))
process.on('uncaughtException', (error) => fault(`an error was thrown and nobody caught it${during()}`, error))
// Or each fault that cannot be told would be one more. Nobody has seen that all has passed.
process.stdout.on('error', () => {
  finished = true
  process.exit(1)
})
process.on('exit', () => {
  if (finished) return
  if (inSuite) passed += count('passed')
  print = (text) => writeSync(1, text)
  fault(`the process ended before the run was over${during()}`)
  finish()
})

// Not awaited: Deno takes an idle process whose main module still waits for an error, before `beforeExit`.
main()
  .catch((error) => fault('the driver failed', error))
  .then(() => finish(() => process.exit()))

async function main(): Promise<void> {
  const options = readOptions()
  if (!options) return
  const files = findFiles(options.dir)
  const { claims, jobs } = options
  isJob = claims !== undefined
  const unmatched = options.patterns.filter((pattern) => !files.some((path) => path.includes(pattern)))
  if (!isJob) for (const pattern of unmatched) fault(`no test file matched the pattern "${pattern}"`)
  if (files.length === 0) fault(`no test file is below "${options.dir}"`)

  const chosen = files.filter((path) => matches(path, options.patterns))
  if (!isJob && jobs > 1 && chosen.length > 1) {
    for await (const report of runSideBySide(chosen, Math.min(jobs, chosen.length), process.argv.slice(2), print))
      add(report)
    removeCompiled()
    if (red.length <= MAX_AGAIN) for (const each of red) await runAgain(each, options)
    return
  }
  watch = await watchUvu()
  watchStorages()
  let drains = true
  for (const path of chosen) {
    if (claims !== undefined && !claim(claims, path)) continue
    file = path
    const before = { passed, failed, lines: recap.length }
    await runFile(path, options.limitMs)
    disableStorages()
    if (drains) {
      drains = await drained(GRACE_MS)
      if (!drains) fault(`it left something open that keeps the process alive${leftOpen()}`)
    }
    if (failed > before.failed) {
      const counts = { passed: passed - before.passed, failed: failed - before.failed }
      red.push({ file, ...counts, recap: recap.slice(before.lines) })
    }
    file = ''
    if (isJob) print(END_OF_FILE)
  }
}

// --- internal ---

/** What the launcher has compiled in the tests' folders, which are gone. */
function removeCompiled(): void {
  const folder = fileURLToPath(new URL('../node_modules/.cache/wfg/typescript/', import.meta.url))
  const names = existsSync(folder) ? readdirSync(folder) : []
  for (const name of names.filter((each) => each.startsWith('wfg-test-'))) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
}

interface Options {
  dir: string
  /** Folder in which the jobs of one run say which file each of them has; undefined for the run itself. */
  claims: string | undefined
  jobs: number
  limitMs: number
  patterns: string[]
}

function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        dir: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
        limit: { type: 'string', default: '120' },
        jobs: { type: 'string', default: String(availableParallelism() + 2) },
        claims: { type: 'string' },
      },
    })
    const limitMs = Number(values.limit) * 1000
    if (!(limitMs > 0)) throw new RangeError(`--limit must be a positive number of seconds, not "${values.limit}"`)
    const jobs = Number(values.jobs)
    if (!(Number.isInteger(jobs) && jobs > 0))
      throw new RangeError(`--jobs must be a whole number, not "${values.jobs}"`)
    const patterns = positionals.map((pattern) => pattern.replaceAll('\\', '/').replace(/^\.\//, ''))
    return { dir: resolve(values.dir), limitMs, jobs, claims: values.claims, patterns }
  } catch (error) {
    fault((error as Error).message)
    return undefined
  }
}

function findFiles(dir: string): string[] {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.split(sep).includes('fixtures'))
    .map((path) => relative(process.cwd(), join(dir, path)).replaceAll(sep, '/'))
  // The long ones first, so that no process ends with one of them while the others have nothing left.
  const rank = (path: string) => [...LONG, /^/].findIndex((each) => each.test(path))
  return paths.sort().sort((a, b) => rank(a) - rank(b))
}

function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => path.includes(pattern))
}

async function runFile(path: string, limitMs: number): Promise<void> {
  const slot = openSlot()
  const declaredBefore = declared.length
  placeTemporaryFiles(path)
  watch.begin()
  print(`${path} `)
  const imported = await settled(() => import(pathToFileURL(resolve(path)).href), limitMs, watch.onProgress)
  const made = watch.suitesMade
  if ('error' in imported) fault('it threw when it was imported', imported.error)
  if ('stuck' in imported) fault(`its import is stuck: ${imported.stuck}`)
  const declares = declared.length > declaredBefore
  if (slot.length === 0 && !declares && 'value' in imported) fault('it queued no suite: call `.run()` at its end')
  else if (slot.length < made) fault(`it made ${made} suites and ran ${slot.length}: call \`.run()\` on each`)
  for (const run of slot) {
    if (!(await runSuite(run, limitMs))) break
  }
  if (slot.length === 0) print('\n')
  for (const reason of declared.slice(declaredBefore)) notRun.push(`${path}: ${reason}`)
}

/** False when the suite got stuck: what comes after it in the file cannot be trusted. */
async function runSuite(run: SuiteRun, limitMs: number): Promise<boolean> {
  watch.begin()
  inSuite = true
  const outcome = await settled(run, limitMs, watch.onProgress)
  inSuite = false
  const tests = watch.tests
  passed += count('passed')
  failed += count('failed')
  slow.push(...tests.map(({ title, tookMs }) => ({ title: `${file}: ${title}`, tookMs })))
  slow.sort((a, b) => b.tookMs - a.tookMs).splice(SLOWEST)
  for (const { title } of tests.filter((test) => test.outcome === 'failed')) recap.push(`${file}: "${title}" failed`)
  for (const { title } of tests.filter((test) => test.outcome === 'caught')) {
    fault(`an assertion failed in the test "${title}", something caught it, and the test passed`)
  }
  if ('stuck' in outcome) {
    fault(`${nameOf(tests.at(-1))} is stuck: ${outcome.stuck}`)
    return false
  }
  if ('error' in outcome) {
    fault('an `after` hook threw', outcome.error)
    return true
  }
  const [errors, , skipped, total] = outcome.value
  if (typeof errors === 'string') print(`\n${errors}\n`)
  if (total === 0) fault('a suite in it has no test')
  if (skipped > 0) fault(`${skipped} of its tests were skipped by \`.skip\` or \`.only\``)
  const unsettled = total - tests.length + count('running')
  if (unsettled > 0)
    fault(`${whyStopped(tests.at(-1)?.title)}, so ${unsettled} of ${total} tests did not pass`, undefined, unsettled)
  return true
}

function count(outcome: Outcome): number {
  return watch.tests.filter((test) => test.outcome === outcome).length
}

function whyStopped(title: string | undefined): string {
  return title === undefined
    ? 'a `before` hook threw'
    : `the suite stopped at the test "${title}": it threw what is no Error, or its \`after.each\` hook threw`
}

function nameOf(test: { title: string; outcome: string } | undefined): string {
  return test?.outcome === 'running' ? `the test "${test.title}"` : 'a hook of a suite'
}

/** Deno tells nothing here. */
function leftOpen(): string {
  const kinds = process.getActiveResourcesInfo()
  return kinds.length === 0 ? '' : `: ${kinds.join(', ')}`
}

function during(): string {
  const test = watch?.tests.at(-1)
  return test?.outcome === 'running' ? ` during the test "${test.title}"` : ''
}

function fault(sentence: string, error?: unknown, tests = 1): void {
  failed += tests
  const text = file === '' ? sentence : `${file}: ${sentence}`
  recap.push(text)
  const stack = error instanceof Error ? (error.stack ?? error.message) : error === undefined ? '' : String(error)
  print(`\nFAULT ${text}\n${stack === '' ? '' : `${stack.replace(/^/gm, '    ')}\n`}`)
}

/** What passes alone counts as passed, and stays named. */
async function runAgain(before: Red, { dir, limitMs }: Options): Promise<void> {
  print('\nonce more, alone: ')
  const args = ['--dir', dir, '--limit', String(limitMs / 1000), before.file]
  for await (const report of runSideBySide([before.file], 1, args, print)) {
    if (report.failed > 0) return
    if (report.passed === 0) continue
    passed += report.passed - before.passed
    failed -= before.failed
    recap.splice(recap.indexOf(before.recap[0]!), before.recap.length)
    unsteady.push(...before.recap)
  }
}

/** Adds what one of the processes side by side has seen. */
function add(report: Report): void {
  passed += report.passed
  failed += report.failed
  recap.push(...report.recap)
  red.push(...report.red)
  notRun.push(...report.notRun)
  slow.push(...report.slow)
}

function finish(done?: () => void): void {
  finished = true
  process.exitCode = failed > 0 ? 1 : 0
  if (isJob)
    return void print(
      `${END_OF_FILE}${JSON.stringify({ passed, failed, recap, red, notRun, slow } satisfies Report)}\n`,
      done,
    )
  const slowest = slow.sort((a, b) => b.tookMs - a.tookMs).slice(0, SLOWEST)
  const lines = [
    ...slowest
      .filter(({ tookMs }) => tookMs >= SLOW_MS)
      .map(({ title, tookMs }) => `slow: ${(tookMs / 1000).toFixed(1)} s ${title}`),
    ...unsteady.map((line) => `passed only alone: ${line}`),
    ...recap.map((line) => `failed: ${line}`),
    ...notRun.map((line) => `not run: ${line}`),
  ]
  print(`\n${[...lines, `${passed} passed, ${failed} failed`].join('\n')}\n`, done)
}
