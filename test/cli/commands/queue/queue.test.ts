import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../../../_not_run.ts'
import { LIMIT_MS, until, withOffice } from '../../../queue/_office.ts'

const queue = suite('cli/queue')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, queue)

const ENTRIES = `
  broken: { script: './scripts/broken.ts', access: 'read' },
  slow: { script: './scripts/slow.ts', access: 'read' },`
const SCRIPTS = {
  broken: `export default defineScript({ args: v.object({ name: v.string() }), run({ args }) { note(args.name); throw new Error('It broke\\nfor ' + args.name) } })`,
  slow: `export default defineScript({ async run() { note('slow'); await new Promise((resolve) => setTimeout(resolve, ${LIMIT_MS})) } })`,
}

signalled('jobs are shown, tried again and dropped, with a worker and without one', () =>
  withOffice([ENTRIES, SCRIPTS], async ({ run, here, enqueue, queue: jobs, worker: start, notes, write, served }) => {
    const refused = async (args: readonly string[], message: RegExp) => {
      const { status, stderr } = await here(['queue', ...args])
      assert.equal([status, message.test(stderr)], [2, true], stderr)
    }
    let [first, second, waiting] = ['', '', '']
    await served(async () => {
      assert.equal(await jobs(), [])
      first = await enqueue('broken', '--name', 'first')
      second = await enqueue('broken', '--name', 'second')
      waiting = await enqueue('slow')
      await refused(
        ['retry', first],
        /Cannot retry the job broken [0-9a-f]{8}: it is waiting, and only a dead job can be retried/,
      )
      await refused(['retry', 'zzz'], /no job in the queue has an id that starts so/)
      await refused(['drop', ''], /the ids of 3 jobs start so; type more of it/)
      await refused(['drop'], /drop needs the id of one job/)
      await refused(['rerty', first], /it has no rerty \(did you mean retry\?\)/)
      await refused(['drop', first, '--json'], /--json does not go with drop/)
    })

    const worker = await start()
    await worker.shows(new RegExp(`failed broken ${second.slice(0, 8)} .*: It broke\\n`))
    await until('it runs', () => (notes().includes('slow') ? true : undefined))
    await refused(['drop', waiting.slice(0, 13)], /Cannot drop the job slow [0-9a-f]{8}: it is running/)
    const shown = await jobs()
    assert.equal(
      shown.map(({ id, state, attempts }) => [id, state, attempts]),
      [
        [waiting, 'running', 1],
        [first, 'dead', 1],
        [second, 'dead', 1],
      ],
    )
    assert.match(String(shown[1]?.['error']), /^The task "broken" failed: Error: It broke\nfor first\n/)
    const lines = (await run(['queue'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(lines, shown)

    const again = await here(['queue', 'retry', first.slice(0, 13)])
    assert.equal([again.status, again.stdout, again.stderr], [0, `broken ${first.slice(0, 8)} waits again.\n`, ''])
    await until('it ran again', () => (notes().filter((note) => note === 'first').length === 2 ? true : undefined))
    // Or the worker ends before it could tell.
    await until('it failed again', async () =>
      (await jobs()).some(({ id, state }) => id === first && state === 'dead') ? true : undefined,
    )
    const dropped = await here(['queue', 'drop', second.toUpperCase()])
    assert.is(dropped.stdout, `broken ${second.slice(0, 8)} is dropped.\n`)
    worker.signal('SIGINT')
    await worker.shows(/Stopping\. Press Ctrl-C again to end at once\./)
    worker.signal('SIGINT')
    assert.is((await worker.ended).status, 130)

    write('scripts/broken.ts', 'await 1')
    await served(async () => {
      const changed = await here(['queue', 'retry', first])
      assert.is(changed.stdout, `broken ${first.slice(0, 8)} waits again.\n`)
      assert.match(changed.stderr, /warning: its files have changed since it was queued, .*enqueue broken again/)
      assert.is((await here(['queue', 'drop', first])).status, 0)
      assert.equal(
        (await jobs()).map(({ id }) => id),
        [waiting],
      )
    })
  }),
)

queue.run()
