import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KnownRun } from '../../runtime/runs/find_runs.ts'
import { type KeptPlaces, showKept } from '../../runtime/runs/show_kept.ts'
import type { KeptPart, KeptReader } from '../../runtime/tasks/kept/kept.ts'
import { rejects } from '../_assert.ts'
import { fakeHost } from '../_host.ts'

const show = suite('runs/show_kept')

const RUN: KnownRun = {
  ...{ v: 1, id: 'c9r6hsj7', startedAt: '2026-11-29T22:00:00.000Z', directory: '/x', task: 'a', operations: {} },
  ...{ outcome: 'done', isLocal: true },
}
const JOB = { ...RUN, id: '5c98c77b-235c-4bc4-a263-9ebb068a9a50', isLocal: false }

function part(at: number, text: string): KeptPart {
  return { at, data: Buffer.from(text) }
}

function reader(output: readonly KeptPart[], log: readonly KeptPart[] = []): KeptReader {
  const size = (parts: readonly KeptPart[]) => parts.reduce((sum, { data }) => sum + data.length, 0)
  return {
    sizes: async () => ({ output: size(output), log: size(log) }),
    read: async (_id, name, from) => (name === 'output' ? output : log).filter(({ at }) => at >= from),
  }
}

function places(files?: KeptReader, fleet?: KeptReader): KeptPlaces {
  return { files, withFleet: async (work) => (fleet ? work(fleet) : undefined) }
}

/** @param onSleep what happens while it waits for more */
async function shown(run: KnownRun, from: KeptPlaces, more: object = {}, onSleep: () => void = () => {}) {
  const host = fakeHost({ sleep: async () => onSleep() })
  const asked = { name: 'output', follow: false, quiet: false, isRunning: async () => false } as const
  await showKept(host, run, from, { ...asked, signal: new AbortController().signal, ...more })
  return [host.out, host.err]
}

show('parts are joined, also inside a character; what is missing is told on standard error', async () => {
  const [first, second] = [Buffer.from('ü\n').subarray(0, 1), Buffer.from('ü\n').subarray(1)]
  const parts = [
    { at: 0, data: first },
    { at: 1, data: second },
  ]
  assert.equal(await shown(RUN, places(reader(parts))), ['ü\n', ''])
  assert.equal(await shown(RUN, places(reader([part(0, 'a\n'), part(3, '')]))), [
    'a\n',
    'The output is longer: only its first MiB is kept.\n',
  ])
  const log = places(reader([], [part(70, 'b\n')]))
  const told = 'Some of the log is missing: only its last MiB is kept.\n'
  assert.equal(await shown(RUN, log, { name: 'log' }), ['b\n', told])
  assert.equal(await shown(RUN, log, { name: 'log', quiet: true }), ['b\n', ''])
})

show('what is not in the files comes from the database', async () => {
  const fleet = reader([part(0, 'from the database\n')])
  for (const files of [undefined, reader([])])
    assert.equal((await shown(JOB, places(files, fleet)))[0], 'from the database\n')
  assert.equal((await shown(JOB, places(reader([part(0, 'mine\n')]), fleet)))[0], 'mine\n')
})

show('of a stream that is empty it says so, and of a run that is not kept, why, and what to do', async () => {
  const [out, told] = await shown(RUN, places(reader([], [part(0, 'x')])))
  assert.equal(
    [out, told],
    ['', 'a c9r6hsj7 printed nothing to standard output; a result with --out is in its file.\n'],
  )
  const running = { ...RUN, outcome: 'running' } as const
  assert.match((await shown(running, places(reader([])), { name: 'log' }))[1]!, 'has printed nothing to standard error')
  const byHand = await rejects(shown(RUN, places(reader([]))))
  assert.match(
    byHand.message,
    /^Cannot show the output of a c9r6hsj7: .* kept only with --keep\. Run it again with that/,
  )
  const job = await rejects(shown(JOB, places(undefined), { name: 'log' }))
  assert.match(
    job.message,
    /^Cannot show the log of a 5c98c77b: it printed nothing, or it was removed: 50 MiB .* 14 days/,
  )
})

show('--follow goes on until the run has ended, and shows what its worker hands over afterwards', async () => {
  const log = [part(0, 'one\n')]
  const files = reader([], log)
  let polls = 0
  const onSleep = () => {
    polls += 1
    if (polls === 2) log.push(part(4, 'two\n'))
    if (polls === 12) log.push(part(8, 'last\n'))
  }
  const isRunning = async () => polls < 10
  const run = { ...RUN, outcome: 'running' } as const
  const followed = await shown(run, places(files), { name: 'log', follow: true, isRunning }, onSleep)
  assert.equal(followed, ['one\ntwo\nlast\n', ''])
  assert.ok(polls >= 12)
})

show('--follow ends when nobody reads', async () => {
  const files = reader([part(0, 'one\n')])
  const host = fakeHost({ stdout: { ...fakeHost().stdout, closed: true, write: async () => {} } as never })
  const asked = { name: 'output', follow: true, quiet: false, isRunning: async () => true } as const
  const signal = new AbortController().signal
  await showKept(host, { ...RUN, outcome: 'running' }, places(files), { ...asked, signal })
  assert.is(host.err, '')
})

show.run()
