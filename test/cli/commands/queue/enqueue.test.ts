import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { knownPath } from '../../../../runtime/host/windows_name.ts'
import { type Office, office } from '../../../queue/_office.ts'

const enqueue = suite('cli/enqueue')

const ENTRIES = `
  report: { script: './scripts/report.ts', access: 'read', aliases: ['rep'], timeoutSeconds: 60, retry: { limit: 2 }, concurrencyKey: 'k' },
  plain: { script: './scripts/plain.ts', access: 'read' },`
const SCRIPTS = {
  report: `export default defineScript({
  args: v.object({ since: v.optional(v.date()), pin: v.optional(v.pipe(v.string(), v.metadata({ secret: true }))) }),
  run() { note('ran') },
})`,
  plain: `note('ran')`,
}

/** One for all tests, whose queue is open all the while. */
let opened: Office
let closeQueue: () => void
let served: Promise<void>

enqueue.before(async () => {
  opened = await office(ENTRIES, SCRIPTS)
  await new Promise<void>((isOpen, fails) => {
    served = opened.served(() => {
      isOpen()
      return new Promise((close) => {
        closeQueue = close
      })
    })
    served.catch(fails)
  })
})

enqueue.after(async () => {
  closeQueue()
  await served
  opened.cleanup()
})

enqueue('--dry-run shows what would be queued, and opens no queue', async () => {
  const { here, queue } = opened
  const args = ['enqueue', 'rep', '--since', '2026-11-02', '--dry-run']
  const unreachable = { WFG_PROFILE: 'sandbox', WFG_DATABASE_URL: 'postgres://u@127.0.0.1:1/d' }
  for (const env of [{}, unreachable]) {
    const { stdout, stderr, status } = await here(args, env)
    assert.equal([status, stderr], [0, 'dry run: nothing was queued\n'])
    assert.equal(JSON.parse(stdout), {
      ...{ task: 'report', args: { since: '2026-11-02T00:00:00.000Z' }, profile: 'sandbox' },
      ...{ timeoutSeconds: 60, retry: { limit: 2 }, concurrencyKey: 'k' },
    })
  }
  assert.equal(await queue(), [])
})

enqueue('a job that cannot be queued is refused with the next step', async () => {
  const { dir, here, queue, write } = opened
  write('.env.test', 'WFG_CLIENT_ID=c\n')
  const refused: [args: string[], status: number, message: RegExp, env?: Record<string, string>][] = [
    [[], 2, /no task was named; expected enqueue <task> \[flags\]/],
    [['reprot'], 2, /Cannot run "reprot": no task or command has that name; did you mean "report"\?/],
    [['report', '--since', 'hush-hush'], 2, /--since needs a date/],
    [
      ['report', '--pin', 'hush-hush'],
      2,
      /Cannot queue "report": "pin" is marked as a secret, which no queue may keep/,
    ],
    [['plain', 'hush-hush'], 2, /Cannot queue "plain" with arguments: its script is a plain file/],
    [
      ['report', '--out', 'x.csv'],
      2,
      /Cannot use --out with enqueue: `runs show ID --output` shows the result of a queued run/,
    ],
    [['report', '--format', 'csv'], 2, /Cannot use --format with enqueue/],
    [
      ['report', '--timeout', '5'],
      2,
      /Cannot use --timeout with enqueue: "timeoutSeconds" of its entry in tasks\.ts says/,
    ],
    [['report', '--profile', 'tset'], 2, /Cannot use the profile "tset"/],
    [
      ['report'],
      2,
      /WFG_DATABASE_URL must be the URL of a PostgreSQL database/,
      { WFG_DATABASE_URL: 'mysql://u:hush-hush@h/d' },
    ],
    [['report'], 4, /database/, { WFG_DATABASE_URL: 'postgres://u:hush-hush@127.0.0.1:1/d' }],
  ]
  for (const [args, status, message, env] of refused) {
    const { stdout, stderr, ...found } = await here(['enqueue', ...args], env)
    assert.equal([found.status, stdout], [status, ''], stderr)
    assert.match(stderr, message)
    assert.not.match(stderr, 'hush-hush')
  }
  assert.equal(await queue(), [])
  rmSync(join(dir, '.env.test'))
})

enqueue('a job is queued and its id printed, by name or alias, with flags or a file', async () => {
  const { run, here, queue, notes, write } = opened
  write('args.json', '{ "since": "2026-11-01" }')
  const queued = [
    await run(['enqueue', 'report', '--since', '2026-11-02']),
    await here(['enqueue', 'rep', '--args-file', 'args.json', '--profile', 'sandbox']),
    await here(['enqueue', 'plain', '--quiet']),
  ]
  for (const { status, stdout } of queued) {
    assert.is(status, 0)
    assert.match(stdout, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n$/)
  }
  assert.equal(
    queued.map(({ stderr }) => stderr),
    ['Queued "report" for the profile "sandbox".\n', 'Queued "report" for the profile "sandbox".\n', ''],
  )
  const jobs = await queue()
  assert.equal(
    jobs.map(({ id, state, task, args, profile, attempts, error }) => ({
      id,
      state,
      task,
      args,
      profile,
      attempts,
      error,
    })),
    queued.map(({ stdout }, index) => ({
      ...{ id: stdout.trim(), state: 'waiting', task: index === 2 ? 'plain' : 'report' },
      args: [{ since: '2026-11-02T00:00:00.000Z' }, { since: '2026-11-01T00:00:00.000Z' }, {}][index],
      ...{ profile: 'sandbox', attempts: 0, error: null },
    })),
  )
  assert.match(String(jobs[0]?.['by']), /^\w+@\S+$/)
  assert.equal(notes(), [], 'nothing ran')
})

enqueue('a job is queued once, even if the worker ends before it answers and is asked again', async () => {
  const { dir, here } = opened
  const cache = mkdtempSync(join(tmpdir(), 'wfg-q-'))
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (body === '') return response.end('{}')
    const [{ id }] = JSON.parse(body).params
    asked.push(id)
    if (asked.length === 1) return request.socket.destroy()
    return response.end(JSON.stringify({ result: { id, isNew: false } }))
  })
  try {
    const project = createHash('sha256').update(knownPath(dir)).digest('hex').slice(0, 16)
    const folder = join(cache, 'state', 'queue', project)
    for (const part of [join(cache, 'state'), join(cache, 'state', 'queue'), folder]) mkdirSync(part, { mode: 0o700 })
    const pipe = `\\\\.\\pipe\\wfg-test-${process.pid}`
    const socket = process.platform === 'win32' ? pipe : join(cache, 'worker.sock')
    const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), nonce: '0'.repeat(16) }
    const owner = { ...holder, role: 'worker', socket, key: 'k' }
    writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner), { mode: 0o600 })
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    const { status, stdout, stderr } = await here(['enqueue', 'report'], {
      WFG_CACHE_DIR: cache,
      WFG_PROFILE: 'sandbox',
    })
    assert.is(status, 0, stderr)
    assert.equal(asked, [stdout.trim(), stdout.trim()])
  } finally {
    server.close()
    rmSync(cache, { recursive: true, force: true })
  }
})

enqueue.run()
