/** Isolated runs as a person sees them: by name, by file, in needs, with their results, errors and exit codes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliOptions, type CliResult, type Project, project, removeFolder } from '../_cli.ts'
import { LINKS } from '../_links.ts'
import { hidesSecrets, settingsFor, TOKEN, TOKEN_TEXT } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { tasksOf } from '../tasks/history/_history.ts'

const runs = suite('isolated/isolated_runs')

const ENTRIES = `
  rows: { script: './scripts/rows.ts', access: 'read', isolated: { env: ['TZ'] } },
  plain: { script: './scripts/plain.ts', access: 'read', isolated: true },
  write: { script: './scripts/write.ts', isolated: { read: ['data'], write: ['out'], mutations: 3, impersonate: ['ann'] } },
  refused: { script: './scripts/refused.ts', access: 'read', isolated: true },
  ends: { script: './scripts/ends.ts', access: 'read', isolated: true },
  both: { needs: [{ task: 'rows', args: { count: 2 }, out: 'both.csv' }, 'plain'] },
`

const FILES = {
  'tasks.ts': tasksOf(ENTRIES),
  'data/in.txt': 'contents of the file',
  'scripts/_shared.ts': 'export const shared: string = "shared"',
  'scripts/rows.ts': `/** Gives rows. */
import { defineScript, gql } from '#wfg'
import * as v from 'valibot'
import { shared } from './_shared.ts'
const Viewer = gql\`query Viewer { viewer { userName } }\`
export default defineScript({
  args: v.object({ count: v.pipe(v.number(), v.description('how many rows')), at: v.optional(v.date()) }),
  async *run({ args, wfg, log, progress, server, confirm }) {
    log('a log line')
    console.log('by the console')
    if (!(await confirm('Go on?'))) throw new Error('the answer was no')
    const { profile } = await server()
    const user = (await wfg(Viewer)).viewer.userName
    for (let n = 1; n <= args.count; n++) {
      progress(n, args.count)
      yield { n, user, profile, shared, at: args.at, big: 12345678901234567890n, nothing: undefined, tz: process.env.TZ, home: process.env.HOME }
    }
  },
})`,
  'scripts/plain.ts': `import { wfg } from '#wfg'
const { viewer } = await wfg\`query { viewer { userName } }\`
setTimeout(() => console.log(viewer.userName, process.argv.slice(2).join()), 50)`,
  'scripts/write.ts': `/** Writes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { defineScript, file, gql } from '#wfg'
import * as v from 'valibot'
const Add = gql\`mutation Add($n: Int, $f: Upload) { add(n: $n, file: $f) { n } }\`
export default defineScript({
  args: v.object({ how: v.array(v.string()), many: v.optional(v.number(), 1) }),
  async run({ args, wfg }) {
    if (args.how.includes('upload')) await wfg(Add, { f: file('data/in.txt') })
    if (args.how.includes('as')) await wfg.extend({ impersonate: 'ann' })(Add, { n: 1 })
    if (!args.how.includes('bulk')) return {}
    writeFileSync('out/copy.txt', readFileSync('data/in.txt'))
    const list = Array.from({ length: args.many }, (_, n) => ({ n }))
    const outcomes = []
    for await (const outcome of wfg.bulk(Add, list, { journal: 'out/run.ndjson', batchSize: 1, concurrency: 1 })) outcomes.push(outcome.status)
    return { outcomes: outcomes.join() }
  },
})`,
  'scripts/refused.ts': `import { readFileSync } from 'node:fs'
import { defineScript, token } from '#wfg'
export default defineScript({
  async *run({ wfg, token: mine, ...context }) {
    const attempts = {
      token: () => token.get(), own: () => mine.get(), shell: () => context.$\`ls\`, command: () => new Deno.Command('ls'),
      settings: async () => readFileSync('.env', 'utf8'), profile: () => wfg.extend({ profile: 'other' })\`query { a }\`,
      mutation: () => wfg\`mutation { drop }\`,
    }
    for (const [name, attempt] of Object.entries(attempts)) {
      let found = 'it worked'
      try { await attempt() } catch (error) { found = error.code ?? error.name }
      yield { name, found }
    }
  },
})`,
  'scripts/ends.ts': `import { defineScript } from '#wfg'
Deno.exit(0)
export default defineScript({ run: () => 1 })`,
}

const VIEWER = { data: { viewer: { userName: 'ada' } } }

interface Work {
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  /** In this process, with these entries in `tasks.ts`; for what comes before the process of a script. */
  look(args: readonly string[], entries?: string): Promise<CliResult>
  readonly dir: string
  /** The requests to WorkflowGen. */
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[]
}

interface Answer {
  readonly status?: number
  readonly body: unknown
}

async function withProject(work: (work: Work) => Promise<void>, answer?: (count: number) => Answer | undefined) {
  const requests: Work['requests'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const isToken = request.url!.includes('token')
      if (!isToken) requests.push({ headers: request.headers, body })
      const usual = { body: body.includes('mutation') ? { data: { add: { n: 1 } } } : VIEWER }
      const given: Answer = isToken ? { body: TOKEN.body } : (answer?.(requests.length) ?? usual)
      response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(given.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made = renewed()
  const env = {
    ...settingsFor({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    ...{ TZ: 'Europe/Paris', TMPDIR: made.dir, TEMP: made.dir },
  }
  try {
    const run: Work['run'] = (args, options = {}) => made.run(args, { ...options, env: { ...env, ...options.env } })
    const look: Work['look'] = (args, entries = ENTRIES) => here(made.dir, args, { env, entries })
    await work({ run, look, dir: made.dir, requests })
    const left = readdirSync(made.dir).filter((name) => name.startsWith('wfg-isolated-'))
    assert.equal(left, [], 'nothing of Deno is left')
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** One project for all tests, whose scripts are compiled once. */
let common: Project | undefined
runs.after(() => common?.cleanup())

/** The project without what tests have left in it. */
function renewed(): Project {
  common ??= project(FILES)
  const { dir } = common
  for (const name of ['.env', 'both.csv', 'data', 'elsewhere', 'out']) removeFolder(join(dir, name))
  for (const name of ['data', 'out']) mkdirSync(join(dir, name), { recursive: true })
  writeFileSync(join(dir, 'data/in.txt'), FILES['data/in.txt'])
  return common
}

const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

runs(
  'gives rows, log lines and the exit code, and sees only what it is granted; its parent renews the token and retries',
  async () => {
    const answers: Answer[] = [
      { status: 401, body: { errors: [{ message: 'expired' }] } },
      { status: 503, body: 'busy' },
    ]
    const work = async ({ run, requests }: Work) => {
      const found = await run(['rows', '--count', '2', '--at', '2026-11-01', '--yes'])
      assert.is(found.status, 0, found.stderr)
      const row = {
        ...{ n: 1, user: 'ada', profile: 'default', shared: 'shared', at: '2026-11-01T00:00:00.000Z' },
        ...{ big: '12345678901234567890', tz: 'Europe/Paris' },
      }
      assert.equal(jsonLines(found.stdout), [row, { ...row, n: 2 }])
      assert.match(found.stderr, /a log line/)
      assert.match(found.stderr, /by the console/)
      hidesSecrets(found)
      assert.is(requests.length, 3)
      assert.is(requests[2]!.headers['authorization'], `Bearer ${TOKEN_TEXT}`)
      const refused = await run(['rows', '--count', 'many'])
      assert.is(refused.status, 2)
      assert.match(refused.stderr, /--count needs a number/)
      const unanswered = await run(['rows', '--count', '1'])
      assert.is(unanswered.status, 7)
      assert.match(unanswered.stderr, /nobody is there to answer "Go on\?"/)
    }
    await withProject(work, (count) => answers[count - 1])
  },
)

const CSV = /^n,user,profile,shared,at,big,nothing,tz,home\n1,ada,default,shared,,12345678901234567890,,/

runs('runs in needs, and as a plain file that goes on after its last line', async () => {
  await withProject(async ({ run, dir }) => {
    const found = await run(['both', '--yes'])
    assert.is(found.status, 0, found.stderr)
    assert.match(found.stderr, /rows: done, 2 rows\n/)
    assert.match(readFileSync(join(dir, 'both.csv'), 'utf8'), CSV)
    assert.match(found.stderr, /^ada $/m)
  })
})

runs('writes with a journal, a budget, a granted user and a file', async () => {
  await withProject(async ({ run, dir, requests }) => {
    const found = await run(['write', '--how', 'as', '--how', 'upload', '--how', 'bulk'])
    assert.is(found.status, 0, found.stderr)
    assert.equal(jsonLines(found.stdout), [{ outcomes: 'done' }])
    assert.is(readFileSync(join(dir, 'out/copy.txt'), 'utf8'), 'contents of the file')
    const [upload, as] = requests
    assert.match(upload!.body, /contents of the file/)
    assert.is(as!.headers['x-wfgen-impersonate-username'], 'ann')
    assert.is(requests.length, 3)
    const more = await run(['write', '--how', 'bulk', '--many', '6'])
    assert.match(more.stderr + more.stdout, /may send 3 root fields of mutations, 3 are sent/)
    assert.is(requests.length, 6)
    const dry = await run(['write', '--how', 'bulk', '--dry-run'])
    assert.match(dry.stderr, /dry run: would send the mutation "Add"/)
    assert.is(requests.length, 6)
  })
})

runs('leaves unknown outcomes as they are', async () => {
  await withProject(
    async ({ run, requests }) => {
      const unknown = await run(['write', '--how', 'as'])
      assert.is(unknown.status, 4)
      assert.match(unknown.stderr, /The outcome of the mutation "Add" is unknown/)
      assert.is(requests.length, 1)
    },
    () => ({ status: 502, body: 'bad gateway' }),
  )
})

runs('refuses what it does not grant, each with an error that can be caught', async () => {
  await withProject(async ({ run, dir, requests }) => {
    writeFileSync(join(dir, '.env'), 'WFG_TIMEOUT_MS=20000\n', { mode: 0o600 })
    const found = await run(['refused'])
    assert.is(found.status, 0, found.stderr)
    assert.equal(
      jsonLines(found.stdout).map(({ name, found: what }) => `${name}: ${what}`),
      [
        ...['token: WFG_REFUSED', 'own: WFG_REFUSED', 'shell: WFG_REFUSED', 'command: WFG_REFUSED'],
        ...['settings: NotCapable', 'profile: WFG_REFUSED', 'mutation: WFG_REFUSED'],
      ],
      found.stderr,
    )
    assert.is(requests.length, 0)
    const ends = await run(['ends'])
    assert.is(ends.status, 1)
    assert.match(ends.stderr, /ended before the script was done: it ended with exit code 0/)
  })
})

runs('is described without running here, and shown by list and help', async () => {
  await withProject(async ({ run, look, requests }) => {
    const help = await run(['help', 'rows'])
    assert.match(help.stdout, /--count <number>\s+how many rows/)
    assert.match(help.stdout, /Runs isolated: it may send queries, see the environment's TZ, and nothing\s+else\./)
    const schema = JSON.parse((await run(['help', 'rows', '--json'])).stdout)
    assert.equal([schema.title, schema.required], ['rows', ['count']])
    const rows = JSON.parse((await look(['list', '--json'])).stdout) as { name: string; isolated: unknown }[]
    const none = { net: [], read: [], write: [], env: [], impersonate: [], mutations: null, memoryMb: 2048 }
    const isolated = Object.fromEntries(rows.map((row) => [row.name, row.isolated]))
    assert.equal([isolated['rows'], isolated['both']], [{ ...none, env: ['TZ'] }, null])
    const queued = await run(['enqueue', 'rows', '--count', '3', '--dry-run'])
    assert.equal(JSON.parse(queued.stdout).args, { count: 3 })
    assert.is(requests.length, 0)
  })
})

runs('runs a file from anywhere, read-only unless a number of mutations is given', async () => {
  await withProject(async ({ run, dir, requests }) => {
    mkdirSync(join(dir, 'elsewhere'), { recursive: true })
    const file = join(dir, 'elsewhere', 'x.ts')
    writeFileSync(
      file,
      "import { wfg } from '#wfg'\nimport * as v from 'valibot'\nconst { add } = await wfg`mutation { add { n } }`\nsetTimeout(() => console.log(add.n, typeof v.object, process.argv.slice(2).join()), 50)",
    )
    const refused = await run(['run', '--isolated', file])
    assert.is(refused.status, 7, refused.stderr)
    assert.match(refused.stderr, /is isolated: it may send queries, and nothing else\./)
    const given = await run(['run', '--isolated', '--mutations', '1', file, 'a', 'b'])
    assert.equal([given.stdout, given.status], ['1 function a,b\n', 0], given.stderr)
    assert.is(requests.length, 1)
  })
})

runs('refuses a registry that grants too much, and links that lead out', async () => {
  await withProject(async ({ look, dir }) => {
    writeFileSync(join(dir, '.env'), '', { mode: 0o600 })
    const granted = (isolated: string) => ENTRIES.replace("isolated: { env: ['TZ'] }", `isolated: ${isolated}`)
    const list = (isolated: string) => look(['list'], granted(isolated))
    const rows = () => look(['rows', '--count', '1', '--yes'], granted("{ read: ['data'] }"))
    const all = "read: ['.', 'node_modules/x', '.env', 'scripts/data'], write: ['scripts/data', '..']"
    const form = await list(`{ ${all}, reed: [] }`)
    assert.match(form.stderr, /"rows": "isolated" needs true, or an object with net/)
    const { stderr } = await list(`{ ${all} }`)
    const found = [...stderr.matchAll(/cannot (\w+ "\S+")/g)].map(([, what]) => what)
    assert.equal(found, ['read "."', 'read "node_modules/x"', 'read ".env"', 'write "scripts/data"', 'write ".."'])
    if (!LINKS.file) return
    symlinkSync(join(dir, '.env'), join(dir, 'data', 'link'))
    const link = await rows()
    assert.is(link.status, 7, link.stderr)
    assert.match(link.stderr, /data.link" is a link that leads to/)
    rmSync(join(dir, 'data'), { recursive: true })
    symlinkSync(join(dir, 'out'), join(dir, 'data'), 'junction')
    assert.is((await rows()).status, 7)
    assert.ok(existsSync(join(dir, '.env')))
  })
})

runs.run()
