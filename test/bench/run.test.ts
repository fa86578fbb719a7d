import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY, runCli } from '../_cli.ts'
import type { Report } from './report.ts'

const bench = suite('benchmark')

const ENTRY = join(REPOSITORY, 'test', 'bench', 'run.ts')

/** The contract: name, what is judged, and the goal. */
const CONTRACT = [
  ['warm task with one query, `node --import tsx tasks.ts`, Node 20', 'ratio', 1.6],
  ['the same by the launcher in the clone, Node 20', 'ratio', 1],
  ['the same by the launcher of the package, Node 20', 'ratio', 1],
  ['the same by `npx tsx tasks.ts`', 'ratio', 1.25],
  ['the same by `npx tsx tasks.ts`, against what one would write today', 'ratio', 0.7],
  ['the same by the launcher in the clone, Node 24', 'ratio', 4],
  ['the same by the launcher of the package, Node 24', 'ratio', 4],
  ['the same on Deno', 'ratio', 4],
  ['`list` of 300 scripts, `node --import tsx`', 'ratio', 1.2],
  ['warm task with one query, isolated', 'ratio', 2.5],
  ['100,000 items in pages of 100 at latency 0, isolated', 'ratio', 1.43],
  ['HTTP requests of a warm run', 'value', 1],
  ['HTTP requests of a cold run with a preset provider', 'value', 2],
  ['connections of a cold run to its one host', 'value', 1],
  ['10,000 items in pages of 100 at 20 ms', 'ratio', 0.28],
  ['2,000 mutations in bulk at 20 ms, with a journal', 'ratio', 0.02],
  ['client CPU a page of 100 items', 'value', 500],
  ['peak memory, 100,000 rows streamed, over 1,000 rows', 'value', 20],
  ['token requests of 20 cold processes', 'value', 1],
] as const

bench('--json --short has every row of the contract with its goal, and a dry run has no numbers', async () => {
  const { status, stdout, stderr } = await runCli(['--json', '--short', '--dry'], { entry: ENTRY })
  assert.equal([status, stderr], [0, ''])
  const { mode, rows } = JSON.parse(stdout) as Report
  assert.is(mode, 'dry')
  const goals = rows.flatMap(({ name, goal }) => (goal ? [[name, goal.of, goal.atMost]] : []))
  assert.equal(goals, [...CONTRACT])
  assert.ok(rows.every(({ value, ratio, met }) => value === null && ratio === null && met === null))
})

bench('what people would write today is beside it', async () => {
  const { stdout } = await runCli(['--dry'], { entry: ENTRY })
  for (const name of [
    'openid-client + graphql-request',
    'tsx: fetch',
    'zx: fetch',
    '@octokit/graphql',
    'Deno: fetch',
  ]) {
    assert.match(stdout, name)
  }
  assert.match(stdout, 'floor: node:http')
})

bench('the exit code is 0 for a flag that it does not know as well, and the reason is told', async () => {
  const { status, stdout, stderr } = await runCli(['--fast'], { entry: ENTRY })
  assert.equal([status, stdout], [0, ''])
  assert.match(stderr, /^Cannot run the benchmark: .*--fast/)
})

bench.run()
