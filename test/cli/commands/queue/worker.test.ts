/** A worker with a queue of this computer, as a person meets it: real processes, real files, PGlite. */
import { hostname } from 'node:os'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../../../_not_run.ts'
import { kill, type Office, office, stop, tasksFile, until, withOffice } from '../../../queue/_office.ts'
import { ask, samples } from '../../../queue/monitor/_scrape.ts'
import type { Running } from '../../_running.ts'

const worker = suite('cli/worker')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, worker)

/** Notes its beginning with its process, then waits as long as it was told to, or until a file is there. */
const SLOW = `import { existsSync } from 'node:fs'
export default defineScript({
  args: v.object({ name: v.string(), ms: v.optional(v.number(), 0), until: v.optional(v.string()) }),
  async run({ args, signal }) {
    note('begin ' + args.name + ' ' + process.pid)
    try {
      await new Promise((resolve, reject) => {
        const look = () =>
          existsSync(new URL('../' + args.until, import.meta.url)) ? resolve() : setTimeout(look, 50)
        setTimeout(args.until === undefined ? resolve : look, args.ms)
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    } catch (error) {
      note('interrupted ' + args.name)
      throw error
    }
    note('end ' + args.name)
    return [{ name: args.name }]
  },
})`

const SLOW_ENTRY = "slow: { script: './scripts/slow.ts', access: 'read' },"

function begun(notes: readonly string[], name: string): number[] {
  return notes.flatMap((note) => (note.startsWith(`begin ${name} `) ? Number(note.split(' ').at(-1)) : []))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The reports of failures. */
function told(notes: readonly string[]) {
  return notes.flatMap((note) => (note.startsWith('told ') ? [JSON.parse(note.slice(5))] : []))
}

/** One project for all tests that need a queue, and one worker for the first four of them, the last of which stops it. */
const ENTRIES = `${SLOW_ENTRY}
  minutely: { script: './scripts/slow.ts', access: 'read', schedule: { cron: '* * * * *', args: { name: 'by the clock' } } },
  write: { script: './scripts/write.ts' },
  nightly: { script: './scripts/write.ts', schedule: { cron: '0 0 1 1 *' } },
  late: { script: './scripts/late.ts', access: 'read', timeoutSeconds: 1 },
  'key-a': { script: './scripts/key.ts', access: 'read', concurrencyKey: 'k' },
  'key-b': { script: './scripts/key.ts', access: 'read', concurrencyKey: 'k' },
  needing: { needs: [{ task: 'slow', args: { name: 'needed' } }, 'plain'] },
  plain: { script: './scripts/plain.ts', access: 'read' },
  leaves: { script: './scripts/leaves.ts', access: 'read' },
  throws: { script: './scripts/throws.ts', access: 'read' },
  asks: { script: './scripts/asks.ts', access: 'read' },
  judges: { script: './scripts/judges.ts', access: 'read' },
  mutates: { script: './scripts/mutates.ts', access: 'read' },
  old: { script: './scripts/old.ts', access: 'read' },`
const SCRIPTS = {
  ...{ slow: SLOW, again: SLOW, late: SLOW, key: SLOW, old: '' },
  tell: `export default defineScript({
  args: v.looseObject({}),
  run({ args }) {
    note('told ' + JSON.stringify(args))
    throw new Error('Nobody is told of this')
  },
})`,
  plain: `note('plain ' + process.argv.length)\nfor await (const _ of process.stdin) note('input')`,
  leaves: `export default defineScript({ run() { setInterval(() => {}, 1000) } })`,
  throws: `export default defineScript({ run() { throw new Error('It is broken') } })`,
  asks: `export default defineScript({ async run({ confirm }) { note('answer ' + (await confirm('Sure?'))) } })`,
  judges: `export default defineScript({
  args: v.object({ pid: v.pipe(v.string(), v.check((pid) => Number(pid) === process.pid, 'this is another process')) }),
  run() { note('judged') },
})`,
  mutates: `export default defineScript({ async run({ wfg }) { await wfg\`mutation M { createRequest { number } }\` } })`,
  write: `export default defineScript({ async run({ server }) { note((await server()).profile) } })`,
}
const PROTECTED = `WFG_GRAPHQL_URL=http://127.0.0.1:9/graphql\nWFG_TOKEN_ENDPOINT=http://127.0.0.1:9/token\nWFG_PROVIDER=oidc
WFG_CLIENT_ID=c\nWFG_CLIENT_SECRET=hush-hush-hush\nWFG_AUDIENCE=api\nWFG_PROTECTED=true\n`

let opened: Office
let only: Running

signalled.before(async () => {
  opened = await office(ENTRIES, SCRIPTS)
  opened.write('.env.prod', PROTECTED)
  await opened.handledUntil('minutely', new Date(Date.now() - 59_000))
  only = await opened.worker(['--profile', 'prod', '--confirm', 'prod', '--concurrency', '4', '--grace', '1'])
})

signalled.after(() => opened.cleanup())

signalled('a run ends as if started by hand: exit codes, needs, time limit, key, checked arguments', async () => {
  const { enqueue, queue, notes } = opened
  const ids = {
    // Here its arguments are as the script wants them.
    judges: await enqueue('judges', '--pid', String(process.pid)),
    late: await enqueue('late', '--name', 'late', '--ms', '100000'),
    throws: await enqueue('throws'),
    asks: await enqueue('asks'),
    mutates: await enqueue('mutates'),
    leaves: await enqueue('leaves'),
    needing: await enqueue('needing'),
    answered: await enqueue('asks', '--yes'),
  }
  for (const name of ['a', 'b']) await enqueue(`key-${name}`, '--name', `key-${name}`, '--ms', '300')
  await only.shows(new RegExp(`failed judges ${ids.judges.slice(0, 8)} .*this is another process`))
  await only.shows(
    new RegExp(`timed out late ${ids.late.slice(0, 8)} .*The time of 1 s for this run \\(--timeout\\) is over`),
  )
  await only.shows(new RegExp(`failed throws ${ids.throws.slice(0, 8)} .*: It is broken`))
  await only.shows(new RegExp(`refused asks ${ids.asks.slice(0, 8)} .*Refused to go on: nobody is there to answer`))
  await only.shows(new RegExp(`refused mutates ${ids.mutates.slice(0, 8)} .*Refused the mutation`))
  await only.shows(new RegExp(`done leaves ${ids.leaves.slice(0, 8)}`))
  await only.shows(new RegExp(`done needing ${ids.needing.slice(0, 8)}`))
  await only.shows(new RegExp(`done asks ${ids.answered.slice(0, 8)}`))
  const dead = await until('all are done', async () => {
    const jobs = await queue()
    return jobs.every(({ state }) => state === 'dead') ? jobs : undefined
  })
  assert.ok(notes().includes('end needed'))
  assert.ok(notes().includes('plain 2'), notes().join(' | '))
  assert.not(notes().includes('input'))
  assert.ok(notes().includes('answer true'))
  const keyed = notes().filter((note) => /key-/.test(note))
  assert.is(keyed.length, 4)
  for (const [index, note] of keyed.entries()) assert.match(note, index % 2 === 0 ? /^begin/ : /^end/)
  assert.equal(dead.map(({ task, error }) => [task, String(error).split('\n').length > 1]).sort(), [
    ['asks', false],
    ['judges', false],
    ['late', false],
    ['mutates', false],
    ['throws', true],
  ])
})

signalled('a protected profile is confirmed when a job is queued, or at the start for what is scheduled', async () => {
  const { here, enqueue, notes } = opened
  const unconfirmed = await here(['enqueue', 'write', '--profile', 'prod'])
  assert.is(unconfirmed.status, 7)
  assert.match(unconfirmed.stderr, /the profile "prod" is protected, and nobody confirmed it\. Nothing was queued\./)
  const refused = await here(['worker', '--profile', 'prod'])
  assert.is(refused.status, 7)
  assert.match(refused.stderr, /Cannot schedule "nightly": .*Say --confirm prod/)
  const id = await enqueue('write', '--profile', 'prod', '--confirm', 'prod')
  await only.shows(new RegExp(`done write ${id.slice(0, 8)}`))
  assert.ok(notes().includes('prod'))
})

signalled(
  'a run begins in a process that was started before its job was queued, and reads its script then',
  async () => {
    const { enqueue, notes, write } = opened
    const script = (word: string) => `import { note } from './_note.ts'
import { defineScript } from '#wfg'
export default defineScript({ async run() { note(['${word}', process.pid, performance.timeOrigin].join(' ')) } })`
    const queuedMs: number[] = []
    for (const word of ['one', 'two']) {
      write('scripts/old.ts', script(word))
      queuedMs.push(Date.now())
      const id = await enqueue('old')
      await only.shows(new RegExp(`done old ${id.slice(0, 8)}`))
    }
    const [one, two] = notes().flatMap((note) => (/^(one|two) /.test(note) ? [note.split(' ')] : []))
    assert.equal([one?.[0], two?.[0]], ['one', 'two'])
    assert.is.not(one?.[1], two?.[1], 'each run has a process of its own')
    assert.ok(Number(two?.[2]) < queuedMs[1]!, 'it was started when the first job was taken')
  },
)

signalled(
  'what tasks.ts schedules runs at its time, and a worker without a grace period stops its runs in order',
  async () => {
    const { enqueue, queue, notes, served, write } = opened
    assert.match(only.stderr, /15 tasks, 2 scheduled, next minutely \d{4}-\d\d-\d\dT\d\d:\d\dZ; 4 at once; queue in "/)
    await enqueue('slow', '--name', 'long', '--ms', '100000')
    await only.shows(/ done minutely /)
    assert.ok(notes().includes('end by the clock'))
    await until('it runs', () => (begun(notes(), 'long').length === 1 ? true : undefined))
    const said = await stop(only)
    // One of the next minute may run as well.
    assert.match(said, /stopping: [12] running, for 1 s more at most\n/)
    assert.match(said, / interrupted slow \S+ \d+\.\d s: Interrupted/)
    assert.ok(notes().includes('interrupted long'), 'the script saw its signal')
    assert.is(only.stdout, '', 'the result of a run goes nowhere')
    write('tasks.ts', tasksFile(LATER_ENTRIES))
    await served(async () => {
      const offline = await enqueue('slow', '--name', 'without a worker')
      const [waits, dead] = (await queue()).filter(({ task }) => task === 'slow')
      assert.equal([waits?.['id'], waits?.['state']], [offline, 'waiting'])
      assert.is(dead?.['state'], 'dead')
      assert.match(String(dead?.['error']), /^Interrupted/)
    })
  },
)

/** What the next four tests begin with. */
const LATER_ENTRIES = `
  slow: { script: './scripts/slow.ts', access: 'read', onFailure: 'tell' },
  again: { script: './scripts/again.ts', access: 'read', retry: { limit: 1 } },
  throws: { script: './scripts/throws.ts', access: 'read', retry: { limit: 1 }, onFailure: 'tell' },
  tell: { script: './scripts/tell.ts', access: 'read' },`

signalled('what was queued without a worker runs, a second worker is refused, and a last attempt is told', async () => {
  const { here, enqueue, notes, worker: start } = opened
  only = await start()
  assert.match(only.stderr, /4 tasks, 0 scheduled; 2 at once; queue in "/)
  const second = await here(['worker'])
  assert.is(second.status, 7)
  assert.match(second.stderr, /another worker has it, process \d+ on .*Stop that one first/s)

  const id = await enqueue('throws')
  await only.shows(new RegExp(`onFailure of throws ${id.slice(0, 8)}: queued tell [0-9a-f]{8}\n`))
  await only.shows(/failed tell \S+ \S+ s: Nobody is told of this/)
  const error = 'The task "throws" failed: Error: It is broken'
  assert.equal(told(notes()), [{ task: 'throws', id, exitCode: 1, error, attempts: 2, host: hostname() }])
  await only.shows(/ done slow /)
  assert.is(begun(notes(), 'without').length, 1)
})

signalled(
  'when a worker is killed, its runs end at once, count as interrupted at the next start, are told, and run again only with a retry',
  async () => {
    const { enqueue, queue, notes, worker: start } = opened
    const once = await enqueue('slow', '--name', 'once', '--ms', '100000')
    const again = await enqueue('again', '--name', 'again', '--ms', '100000')
    const pids = await until('both run', () => {
      const found = [...begun(notes(), 'once'), ...begun(notes(), 'again')]
      return found.length === 2 ? found : undefined
    })
    await kill(only)
    await until('the runs have ended', () => (pids.some(isRunning) ? undefined : true))

    const second = await start()
    await second.shows(new RegExp(`interrupted slow ${once.slice(0, 8)}: its worker on .* is gone`))
    await second.shows(/failed tell \S+ \S+ s: Nobody is told of this/)
    await until('the second attempt', () => (begun(notes(), 'again').length === 2 ? true : undefined))
    const jobs = await queue()
    const [running, dead] = [again, once].map((id) => jobs.find((job) => job['id'] === id))
    assert.equal([running?.['state'], running?.['attempts']], ['running', 2])
    assert.equal([dead?.['state'], dead?.['attempts']], ['dead', 1])
    assert.match(String(dead?.['error']), /the worker that ran it is gone or frozen/)
    const [, { error, ...report }, ...others] = told(notes())
    assert.match(error, /^the worker that ran it is gone or frozen \(process \d+ on /)
    assert.equal(report, { task: 'slow', id: once, exitCode: 143, attempts: 1, host: hostname() })
    assert.equal(others, [])
    await kill(second)

    only = await start(['--port', '0'])
    await only.shows(new RegExp(`interrupted again ${again.slice(0, 8)} \\(attempt 2\\)`))
    assert.equal([begun(notes(), 'once').length, begun(notes(), 'again').length], [1, 2])
  },
)

signalled('files that have changed: the jobs of the old ones are left, with a word', async () => {
  const { run, enqueue, queue, notes, write } = opened
  for (const name of ['long', 'other']) await enqueue('again', '--name', name, '--until', 'enough')
  await until('both run', () => (begun(notes(), 'other').length === 1 ? true : undefined))
  const old = await enqueue('slow', '--name', 'old')
  const alive = async () => (await queue()).filter(({ state }) => state !== 'dead')
  assert.equal(
    (await alive()).map(({ state }) => state),
    ['running', 'running', 'waiting'],
  )
  write(
    'scripts/slow.ts',
    `import { existsSync } from 'node:fs'
import { defineScript } from '#wfg'
import { note } from './_note.ts'
export default defineScript({ async run() {
  note('new')
  while (!existsSync(new URL('../end', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 50))
} })`,
  )
  write('enough', '')
  await only.shows(/Jobs of "slow" are waiting that were queued with other files than this worker has \([0-9a-f]{8}\)/)
  // By a process of its own: this one has loaded the old script.
  const fresh = (await run(['enqueue', 'slow'])).stdout.trim()
  await until('the new one runs', () => (notes().includes('new') ? true : undefined))
  const [running, left] = await until('the others have ended', async () => {
    const jobs = await alive()
    return jobs.length === 2 ? jobs : undefined
  })
  assert.is(running?.['id'], fresh)
  assert.equal(
    [left?.['id'], left?.['state'], left?.['error']],
    [old, 'waiting', 'The files here differ from those that it was queued with.'],
  )
})

signalled(
  'a worker with --port tells that it is healthy and what it does, until a new tasks.ts wants a new worker',
  async () => {
    const { run, worker: start, notes, write } = opened
    const url = / are at (http:\S+)\n/.exec(only.stderr)![1]
    await until('it is healthy', async () => ((await ask(`${url}/health`)).status === 200 ? true : undefined))
    const found = samples((await ask(`${url}/metrics`)).body)
    assert.equal([found['wfg_jobs running'], found['wfg_jobs waiting'], found['wfg_runs_total again done']], [1, 1, 2])

    write('tasks.ts', tasksFile(`${SLOW_ENTRY} other: { script: './scripts/slow.ts', access: 'read' },`))
    await only.shows(/tasks\.ts has changed since this worker started: it begins nothing more/)
    const later = (await run(['enqueue', 'other'])).stdout.trim()

    const stopped = stop(only)
    await only.shows(/stopping: 1 running/)
    const { status, body } = await ask(`${url}/health`)
    assert.equal([status, JSON.parse(body).reason], [503, 'the worker is stopping'])
    assert.is(samples((await ask(`${url}/metrics`)).body)['wfg_runs_total slow done'], 0)
    write('end', '')
    assert.match(await stopped, /done slow /)
    const next = await start()
    await next.shows(new RegExp(`done other ${later.slice(0, 8)}`))
    await stop(next)
    assert.is(notes().filter((note) => note === 'new').length, 2)
    assert.equal(begun(notes(), 'old'), [])
  },
)

worker('impossible schedules are refused at the start, all at once, with the words of `export`', () =>
  withOffice(
    [
      `bad: { script: './scripts/typed.ts', access: 'read', schedule: { cron: '0 0 * * *', args: { count: 'many', naem: 'x' } } },
      fine: { script: './scripts/typed.ts', access: 'read', schedule: { cron: '0 0 * * *', args: { count: 1 } } },
      worse: { script: './scripts/plain.ts', access: 'read', schedule: { cron: '0 0 * * *', args: {} } },`,
      { typed: `export default defineScript({ args: v.object({ count: v.number() }), run() {} })` },
      {},
      true,
    ],
    async ({ here, write }) => {
      write('scripts/plain.ts', "console.log('plain')")
      const [worker, exported] = [await here(['worker']), await here(['export', 'cron'])]
      assert.equal([worker.status, exported.status], [2, 2])
      assert.match(worker.stderr, /^error: Cannot run the schedule:$/m)
      assert.match(worker.stderr, /^ {2}"bad": Cannot use these arguments:$/m)
      assert.match(worker.stderr, /--count needs a number/)
      assert.match(worker.stderr, /"naem" is not one of the arguments/)
      assert.match(worker.stderr, /^ {2}"worse": its schedule has "args", but its script is a plain file/m)
      assert.is(worker.stderr.replace('run the schedule', 'export the schedule'), exported.stderr)
    },
  ),
)

worker('flags that the worker cannot use are refused', () =>
  withOffice([SLOW_ENTRY, { slow: SLOW }, {}, true], async ({ here }) => {
    const refused: [args: string[], message: RegExp][] = [
      [['--dry-run'], /Cannot use --dry-run with worker: its jobs would count as done without a change/],
      [['--concurrency', '0'], /--concurrency needs a whole number from 1 to 50/],
      [['--grace', 'x'], /--grace needs a whole number from 0 to 86400/],
      [['--port', '65536'], /--port needs a whole number from 0 to 65535/],
      [['--host', '::1'], /so it needs --port as well/],
      [['slow'], /it runs all tasks and takes no names/],
      [['--format', 'json'], /Cannot use --format with worker: `runs show ID --output` shows the result of a run/],
    ]
    for (const [args, message] of refused) {
      const { status, stderr } = await here(['worker', ...args])
      assert.equal([status, message.test(stderr)], [2, true], stderr)
    }
  }),
)

worker.run()
