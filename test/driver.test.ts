import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, REPOSITORY, removeFolder, runCli, temporaryFolder } from './_cli.ts'
import { type Compiled, compiled } from './_compiled.ts'

const driver = suite('driver')

driver('ends with 0 when everything passed, and does not count what declares itself not run', async () => {
  const { status, stdout, stderr } = await run('', '--jobs', '1', '/green/', '/not_run/')
  assert.is(status, 0)
  assert.is(
    stdout,
    `test/fixtures/driver/green/x.test.ts  x  •   (1 / 1)
test/fixtures/driver/not_run/x.test.ts  x  • •   (2 / 2)

not run: test/fixtures/driver/not_run/x.test.ts: it needs chromium
2 passed, 0 failed
`,
  )
  assert.is(stderr, '')
})

driver('prints title, message and difference of a failure', async () => {
  redRun ??= runRed()
  const result = await redRun
  assert.match(result.stdout, /FAIL {2}x {2}"differs"\n {4}Expected values to be deeply equal:/)
  assert.match(result.stdout, /Actual:\n *--··"a":·1\n *Expected:\n *\+\+··"a":·2/)
  assert.match(result.stdout, '\nfailed: test/fixtures/driver/red/x.test.ts: "differs" failed\n')
})

const STOPPED = 'it threw what is no Error, or its `after.each` hook threw'

/** Fixture, what is said about its file, and how many of its tests pass and fail. */
const RED: readonly (readonly [fixture: string, sentence: string, passed: number, failed: number])[] = [
  // uvu alone ends with 0 in these seven cases
  ['before_throws', 'a `before` hook threw, so 1 of 1 tests did not pass', 0, 1],
  ['no_run', 'it queued no suite: call `.run()` at its end', 0, 1],
  ['throws_string', `the suite stopped at the test "throws no Error": ${STOPPED}, so 2 of 3`, 1, 2],
  ['throws_undefined', `the suite stopped at the test "throws no Error": ${STOPPED}, so 2 of 3`, 1, 2],
  ['throws_null', `the suite stopped at the test "throws no Error": ${STOPPED}, so 2 of 3`, 1, 2],
  ['after_each_on_failing', `the suite stopped at the test "fails": ${STOPPED}, so 1 of 1`, 0, 1],
  ['only', '1 of its tests were skipped by `.skip` or `.only`', 1, 1],
  ['caught_assertion', 'an assertion failed in the test "catches everything", something caught it', 0, 1],
  // and in these, or it never ends
  ['skip', '1 of its tests were skipped by `.skip` or `.only`', 1, 1],
  ['one_of_two_run', 'it made 2 suites and ran 1: call `.run()` on each', 1, 1],
  ['empty_suite', 'a suite in it has no test', 0, 1],
  ['after_throws', 'an `after` hook threw', 1, 1],
  ['import_throws', 'it threw when it was imported', 0, 1],
  ['never_settles', 'the test "never settles" is stuck: it never settles', 1, 1],
  ['floating_rejection', 'a promise was rejected and nobody handled it', 1, 1],
  ['open_handle', 'it left something open that keeps the process alive', 1, 1],
]

/** One run shows them all, because the driver goes on after a fault. */
let redRun: Promise<CliResult> | undefined
/** And besides, with how many of their tests pass and fail. */
const BESIDES = [
  ['red', 2, 1],
  ['not_run', 1, 0],
  ['green', 1, 0],
] as const

function runRed(): Promise<CliResult> {
  return run('', '--jobs', '1', ...[...RED, ...BESIDES].map(([name]) => `/${name}/`), 'grene')
}

for (const [fixture, sentence] of RED) {
  driver(`turns red and names the file: ${fixture}`, async () => {
    redRun ??= runRed()
    const { stdout } = await redRun
    assert.match(stdout, `\nFAULT test/fixtures/driver/${fixture}/x.test.ts: ${sentence}`)
  })
}

driver('counts what passed and what failed beside each fault, and ends with 1', async () => {
  const { status, stdout } = await redRun!
  const counts = [...RED.map(([, , ...row]) => row), ...BESIDES.map(([, ...row]) => row)]
  const sum = (index: 0 | 1) => counts.reduce((total, row) => total + row[index], 0)
  // The pattern that matches nothing is a fault of its own.
  assert.is(lastLine(stdout), `${sum(0)} passed, ${sum(1) + 1} failed`)
  assert.is(status, 1)
})

driver('goes on with the next file after a fault', async () => {
  const { stdout } = await redRun!
  const [first, last] = ['after_each_on_failing', 'throws_undefined'].map((name) =>
    stdout.indexOf(`/${name}/x.test.ts`),
  )
  const green = stdout.indexOf('test/fixtures/driver/green/x.test.ts  x  •   (1 / 1)\n')
  assert.ok(0 <= first! && first! < green && green < last!, stdout)
})

driver('turns red when a pattern matches no file, and runs what the others match', async () => {
  const { stdout } = await redRun!
  assert.match(stdout, 'FAULT no test file matched the pattern "grene"\n')
})

driver('lists tests that declare themselves not run', async () => {
  const { stdout } = await redRun!
  assert.match(stdout, '\nnot run: test/fixtures/driver/not_run/x.test.ts: it needs chromium\n')
})

/** The last of them ends the run. */
let endedRun: Promise<CliResult> | undefined

driver('gives up on a test that is busy for longer than the limit', async () => {
  endedRun ??= run('', '--jobs', '1', '--limit', '2', '/busy_for_ever/', '/endless_import/', '/exits/')
  const { stdout } = await endedRun
  assert.match(stdout, 'busy_for_ever/x.test.ts: the test "waits for ever" is stuck: it did not settle within 2 s\n')
})

driver('gives up on an import that does not settle', async () => {
  const { stdout } = await endedRun!
  assert.match(stdout, 'FAULT test/fixtures/driver/endless_import/x.test.ts: its import is stuck: ')
})

driver('turns red when a test ends the process', async () => {
  const { status, stdout } = await endedRun!
  assert.is(status, 1)
  const sentence = 'the process ended before the run was over during the test "ends the process"'
  assert.match(stdout, `\nFAULT test/fixtures/driver/exits/x.test.ts: ${sentence}`)
  assert.match(lastLine(stdout), /^1 passed, \d failed$/)
})

/** Three files in two processes, one of which fails there and not alone. */
let besideRun: Promise<CliResult> | undefined

driver('runs files side by side, each once, and keeps together what each prints', async () => {
  besideRun ??= runBeside()
  const { status, stdout } = await besideRun
  assert.match(stdout, 'test/fixtures/driver/green/x.test.ts  x  •   (1 / 1)\n')
  assert.match(stdout, 'test/fixtures/driver/not_run/x.test.ts  x  • •   (2 / 2)\n')
  assert.match(stdout, '\nnot run: test/fixtures/driver/not_run/x.test.ts: it needs chromium\n')
  assert.is(lastLine(stdout), '4 passed, 0 failed')
  assert.is(status, 0)
})

driver('runs a file that failed side by side once more alone, and names it', async () => {
  const { stdout } = await besideRun!
  assert.match(stdout, '\npassed only alone: test/fixtures/driver/unsteady/x.test.ts: "fails at first" failed\n')
})

async function runBeside(): Promise<CliResult> {
  const folder = temporaryFolder()
  const args = ['--dir', FIXTURES, '--jobs', '2', 'unsteady', 'green/', 'not_run']
  const env = { FIRST_RUN: join(folder, 'first-run') }
  try {
    return await runCli(args, { entry: ENTRY, cwd: REPOSITORY, env })
  } finally {
    removeFolder(folder)
  }
}

driver('tells of a file that fails again alone, and of files that no process was left to run', async () => {
  const { status, stdout } = await run('', '--jobs', '2', '/empty_suite/', '/exits_twice/')
  assert.is(status, 1)
  assert.match(stdout, '\nonce more, alone: test/fixtures/driver/empty_suite/x.test.ts')
  assert.is(
    stdout.split('failed: test/fixtures/driver/empty_suite/x.test.ts: a suite in it has no test').length,
    2,
    stdout,
  )
  assert.match(stdout, /failed: test\/fixtures\/driver\/exits_twice\/\w+\.test\.ts: no process was left to run it/)
  assert.is(lastLine(stdout), '2 passed, 4 failed')
})

driver('turns red when a folder has no test file, and leaves out what is in folders named fixtures', async () => {
  const { status, stdout } = await runNone('no_files')
  assert.is(status, 1)
  assert.match(stdout, /FAULT no test file is below ".*no_files"\n/)
  assert.is(lastLine(stdout), '0 passed, 1 failed')
})

driver('turns red on an option that it does not know', async () => {
  const { status, stdout } = await runNone('green', '--bail')
  assert.is(status, 1)
  assert.match(stdout, "Unknown option '--bail'")
  assert.is(lastLine(stdout), '0 passed, 1 failed')
})

driver('ends when nobody reads it any more', async () => {
  const args = ['--dir', FIXTURES, 'floating_rejection', 'never_settles', 'red']
  const { status } = await runCli(args, { entry: ENTRY, cwd: REPOSITORY, closeStdout: true })
  assert.is(status, 1)
})

const ENTRY = fileURLToPath(new URL('_run.ts', import.meta.url))
const FIXTURES = fileURLToPath(new URL('fixtures/driver/', import.meta.url))

function run(fixture: string, ...args: string[]): Promise<CliResult> {
  return runCli(['--dir', `${FIXTURES}${fixture}`, ...args], { entry: ENTRY, cwd: REPOSITORY })
}

let compiledDriver: Compiled | undefined
driver.after(() => compiledDriver?.cleanup())

/** The same without tsx, where no test file is imported. */
function runNone(fixture: string, ...args: string[]): Promise<CliResult> {
  compiledDriver ??= compiled(ENTRY)
  const entry = compiledDriver.args.at(-1)!
  return runCli(['--dir', `${FIXTURES}${fixture}`, ...args], { entry, cwd: REPOSITORY })
}

function lastLine(text: string): string {
  return text.endsWith('\n') ? (text.slice(0, -1).split('\n').at(-1) ?? '') : `${text} (without a line end)`
}

driver.run()
