/** What a real worker serves while it runs and stops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../../../_not_run.ts'
import { until, withOffice } from '../../../queue/_office.ts'
import { ask, samples } from '../../../queue/monitor/_scrape.ts'

const port = suite('cli/worker_port')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, port)

const ENTRIES = "waits: { script: './scripts/waits.ts', access: 'read' },"
const SCRIPTS = {
  waits: `import { existsSync } from 'node:fs'
export default defineScript({
  async run() {
    note('begins')
    while (!existsSync(new URL('../enough', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 50))
  },
})`,
}

signalled('a worker with --port tells that it is healthy and what it does, until it has stopped', () =>
  withOffice([ENTRIES, SCRIPTS], async ({ here, enqueue, worker: start, notes, write }) => {
    const worker = await start(['--port', '0'])
    await worker.shows(/ are at http:\S+\n/)
    const url = /http:\S+/.exec(worker.stderr)![0]
    await until('it is healthy', async () => ((await ask(`${url}/health`)).status === 200 ? true : undefined))
    await enqueue('waits')
    await until('it runs', () => (notes().length > 0 ? true : undefined))
    const scrape = async () => samples((await ask(`${url}/metrics`)).body)
    const found = await scrape()
    assert.equal([found['wfg_jobs running'], found['wfg_jobs waiting'], found['wfg_runs_total waits done']], [1, 0, 0])
    const used = await here(['worker', '--port', '65536'])
    assert.equal([used.status, used.stderr.includes('--port needs a whole number from 0 to 65535')], [2, true])
    const lone = await here(['worker', '--host', '::1'])
    assert.equal([lone.status, lone.stderr.includes('so it needs --port as well')], [2, true])

    worker.signal('SIGTERM')
    await worker.shows(/stopping: 1 running/)
    const { status, body } = await ask(`${url}/health`)
    assert.equal([status, JSON.parse(body).reason], [503, 'the worker is stopping'])
    assert.is((await scrape())['wfg_runs_total waits done'], 0)
    write('enough', '')
    assert.is((await worker.ended).status, 143)
    assert.match(worker.stderr, / stopped\nInterrupted\.\n$/)
  }),
)

port.run()
