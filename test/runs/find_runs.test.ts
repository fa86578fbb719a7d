import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { chosenRuns, findRun, type KnownRun, loadRuns, nameOf } from '../../runtime/runs/find_runs.ts'
import type { RunSelection } from '../../runtime/tasks/history/record.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { rejects } from '../_assert.ts'
import { fakeHost } from '../_host.ts'

const find = suite('cli/runs/find_runs')

const registry = defineTasks(import.meta.url, { export: { script: 'a.ts', aliases: ['x'] } })

function run(id: string, more: Partial<KnownRun> = {}): KnownRun {
  return {
    v: 1,
    id,
    startedAt: '2026-11-01T02:00:00.000Z',
    durationMs: 1,
    directory: registry.directory,
    task: 'export',
    operations: {},
    outcome: 'done',
    exitCode: 0,
    isLocal: true,
    ...more,
  }
}

find('findRun() takes the beginning of one ID, in either case, and the whole of one that begins another', async () => {
  const runs = [run('abcd'), run('abcdef'), run('xyz0')]
  assert.is(findRun(runs, 'X').id, 'xyz0')
  assert.is(findRun(runs, 'abcd').id, 'abcd')
  assert.is(findRun(runs, 'abcde').id, 'abcdef')
  await rejects(() => findRun(runs, 'abc'), {
    instance: UsageError,
    message: /2 IDs start with that, such as abcd, abcdef/,
  })
  await rejects(() => findRun(runs, 'q'), { instance: UsageError, message: /no ID starts with that/ })
})

find('findRun() takes the newest attempt of a job, or the one that is typed', async () => {
  const job = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed'
  const runs = [run(`${job}.3`), run(`${job}.2`), run('1b9d0000'), run(job)]
  assert.equal(
    ['1b9d6', job, '1b9d6.2', `${job}.3`, '1b9d6.1'].map((start) => findRun(runs, start).id),
    [`${job}.3`, `${job}.3`, `${job}.2`, `${job}.3`, job],
  )
  await rejects(() => findRun(runs, '1b9d'), { instance: UsageError, message: /2 IDs start with that/ })
  await rejects(() => findRun(runs, '1b9d6.4'), { instance: UsageError, message: /no ID starts with that/ })
})

find('chosenRuns() takes names, aliases and files, and workers run elsewhere', () => {
  const runs = [
    run('a'),
    run('b', { outcome: 'failed' }),
    run('c', { directory: '/elsewhere' }),
    run('d', { directory: '/elsewhere', isLocal: false }),
    run('e', { task: undefined, file: 'scripts/a.ts' }),
  ]
  const ids = (choice: RunSelection, everywhere = false) =>
    chosenRuns(runs, registry, choice, everywhere)
      .map(({ id }) => id)
      .join('')
  assert.equal(
    [
      ids({}),
      ids({ task: nameOf(registry, 'x') }),
      ids({ isFailed: true }),
      ids({}, true),
      ids({ task: 'scripts/a.ts' }),
    ],
    ['abde', 'abd', 'b', 'abcde', 'e'],
  )
})

find('chosenRuns() selects by time, user and computer', () => {
  const runs = [
    run('a', { startedAt: '2026-11-03T02:00:00.000Z', osUser: 'Ada', host: 'pc-1' }),
    run('b', { startedAt: '2026-11-02T02:00:00.000Z', osUser: 1000, actingUser: 'ada', host: 'PC-2' }),
    run('c', { startedAt: '2026-11-01T02:00:00.000Z', osUser: undefined, host: undefined }),
  ]
  const ids = (choice: RunSelection) =>
    chosenRuns(runs, registry, choice, false)
      .map(({ id }) => id)
      .join('')
  assert.equal(
    [
      ids({ since: new Date('2026-11-02T02:00:00Z') }),
      ids({ by: 'ADA' }),
      ids({ by: '1000' }),
      ids({ by: 'undefined' }),
      ids({ by: '' }),
      ids({ on: 'pc-2' }),
      ids({ by: 'ada', on: 'pc-1' }),
    ],
    ['ab', 'ab', 'b', '', '', 'b', 'a'],
  )
})

find('loadRuns() has those of the workers as well, newest first', async () => {
  const host = fakeHost({ env: { WFG_TOKEN_CACHE: 'off' }, secrets: {}, cwd: () => '/', platform: 'linux' })
  const asked: number[] = []
  const call = { host, registry, flags: {} }
  const loadFleetRuns = async (limit: number) => {
    asked.push(limit)
    return [run('old'), run('new', { startedAt: '2026-11-02T02:00:00.000Z' })]
  }
  const runs = await loadRuns(call, loadFleetRuns, 7)
  assert.equal(
    runs.map(({ id, isLocal }) => [id, isLocal]),
    [
      ['new', false],
      ['old', false],
    ],
  )
  assert.equal([asked, host.err], [[7], ''])
  await loadRuns(call, undefined)
  assert.match(host.err, 'No runs are kept here')
})

find.run()
