/** The command on runtimes that do not run the tests: enough of it to see that nothing is missing there. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliOptions, type CliResult, type Project, project } from './_cli.ts'
import { notRun } from './_not_run.ts'
import { RUNTIME } from './_runtime.ts'
import { installed, OTHER_RUNTIMES } from './_runtimes.ts'
import { type Reply, type ScriptedReply, type ScriptedServer, scriptedServer, withServer } from './_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from './cli/_configured.ts'
import { here } from './cli/_here.ts'

const runtimes = suite('runtimes')

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  who: { script: './scripts/who.ts', access: 'read' },
  rows: { script: './scripts/rows.ts', access: 'read' },
  sneaky: { script: './scripts/start.ts', access: 'read' },
  thrice: { script: './scripts/thrice.ts' },
  attach: { script: './scripts/attach.ts' },
  throws: { script: './scripts/throws.ts' },
})
await main(import.meta, tasks)
`,
  'scripts/who.ts': `// Say who it is.
import { wfg } from '#wfg'
const { viewer } = await wfg\`query Who { viewer { userName } }\`
console.log(viewer.userName)
`,
  'scripts/rows.ts': `import * as v from 'valibot'
import { defineScript, gql } from '#wfg'
const Requests = gql\`query Requests($page: Int, $size: Int) {
  requests(page: { number: $page, size: $size }) { totalCount hasNextPage items { id number } } }\`
export default defineScript({
  args: v.object({ size: v.optional(v.number(), 100) }),
  async *run({ args, wfg, log }) {
    log((await wfg('query Who { viewer { userName } }')).viewer.userName)
    for await (const { number } of wfg.paginate(Requests, { size: args.size })) yield { number }
  },
})
`,
  'scripts/start.ts': `import { wfg } from '#wfg'
await wfg\`query Before { viewer { userName } }\`
const { createRequest } = await wfg\`mutation Start { createRequest(input: { processName: "P" }) { request { number } } }\`
console.log(createRequest.request.number)
`,
  'scripts/thrice.ts': `import { wfg } from '#wfg'
const told: string[] = []
for (let n = 0; n < 3; n++) {
  await wfg\`query Before { viewer { userName } }\`
  const start = wfg\`mutation Start { createRequest(input: { processName: "P" }) { request { number } } }\`
  told.push(await start.then(() => 'started', (error) => error.message))
}
console.log(JSON.stringify(told))
`,
  'scripts/attach.ts': `import { defineScript, file } from '#wfg'
export default defineScript({
  run: ({ wfg }) => wfg('mutation Attach($upload: Upload!) { attach(input: { upload: $upload }) { size } }', { upload: file('a b.pdf') }),
})
`,
  'scripts/throws.ts': `throw new Error('broken')\n`,
}

const VIEWER: ScriptedReply = { body: { data: { viewer: { userName: 'john' } } } }
const STARTED: Reply = { body: { data: { createRequest: { request: { number: 7 } } } } }

interface Started extends Project {
  /** On the runtime under test. */
  other(args: readonly string[], options?: CliOptions): Promise<CliResult>
}

function onEach(title: string, action: (given: Started) => Promise<void>): void {
  for (const other of OTHER_RUNTIMES) {
    runtimes(`${other.title}: ${title}`, async () => {
      if (other.program === 'node' && isThisNode(other.spec)) return notRun(`${other.title} runs the whole suite here`)
      const program = installed(other)
      if (program === undefined) return notRun(`${other.title} is not here and npm cannot install it`)
      const folder = project(FILES)
      try {
        await action({
          ...folder,
          other(args, { env, ...options } = {}) {
            // Its coverage is of other text than what tsx makes.
            return folder.run(args, { ...options, command: [program], env: { ...env, NODE_V8_COVERAGE: '' } })
          },
        })
      } finally {
        folder.cleanup()
      }
    })
  }
}

onEach('lists, runs on the embedded sandbox, and reads all pages of it', async ({ other }) => {
  const list = await other(['list'])
  assert.match(list.stdout, /^ *who +read +Say who it is\.$/m, list.stderr)
  const rows = await other(['rows', '--size', '70', '--format', 'ndjson'])
  assert.is(rows.status, 0, rows.stderr)
  assert.match(rows.stderr, /^john_smith$/m)
  const numbers = rows.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).number)
  assert.equal([numbers.length, new Set(numbers).size], [400, 400])
})

onEach(`shares the token with ${RUNTIME}, either way`, async ({ dir, other }) => {
  const own: Started['other'] = (_, options) => here(dir, ['query', '{ viewer { userName } }'], options)
  for (const starts of [
    [own, other],
    [other, own],
  ]) {
    await withServer([TOKEN, VIEWER, VIEWER], async (server) => {
      const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: join(dir, 'cache') }
      for (const start of starts) {
        const { status, stdout, stderr } = await start(['who'], { env })
        assert.is(status, 0, stderr)
        assert.match(stdout, 'john')
      }
    })
  }
})

onEach('sends a file', async ({ dir, other }) => {
  writeFileSync(join(dir, 'a b.pdf'), 'Zwölf Stühle')
  await withServer([TOKEN, { body: { data: { attach: { size: 14 } } } }], async (server) => {
    const result = await other(['attach', '--format', 'json'], { env: settingsFor(server) })
    const { status, stdout, stderr } = result
    assert.is(status, 0, stderr)
    hidesSecrets(result)
    assert.equal(JSON.parse(stdout), { attach: { size: 14 } })
    assert.match(server.requests[1]!.body, /filename="a b\.pdf"[\s\S]*application\/pdf[\s\S]*Zwölf Stühle/)
  })
})

onEach('ends with the exit code of what happened, and shows no secret', async ({ other }) => {
  const refused = { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } }
  const cases: readonly (readonly [expected: number, args: string[], replies: ScriptedReply[]])[] = [
    [1, ['throws'], []],
    [2, ['nothing'], []],
    [3, ['who'], [refused]],
    [4, ['who'], [TOKEN, { body: { errors: [{ message: 'no' }] } }]],
    [7, ['sneaky'], [TOKEN, VIEWER]],
  ]
  for (const [expected, args, replies] of cases) {
    await withServer(replies, async (server) => {
      const result = await other(args, { env: settingsFor(server) })
      assert.is(result.status, expected, result.stderr)
      hidesSecrets(result)
    })
  }
})

/** The connection of the query is closed when the mutation was read, or before; or the mutation's own is. */
function closing(): ScriptedReply {
  const faults: Reply[] = [{ fault: 'close-on-next' }, { fault: 'close-after-answer' }, {}]
  return ({ path, body }) => {
    if (path.includes('token')) return TOKEN
    if (body.includes('mutation')) return faults.length === 0 ? { fault: 'reset-after-request' } : STARTED
    return { body: { data: { viewer: null } }, ...faults.shift() }
  }
}

onEach('sends no mutation twice, whatever becomes of the connection', async ({ other }) => {
  const server = await scriptedServer(Array(10).fill(closing()))
  try {
    const { status, stdout, stderr } = await other(['thrice'], { env: settingsFor(server) })
    assert.is(status, 0, stderr)
    const told: string[] = JSON.parse(stdout)
    assert.is(mutations(server), told.length)
    for (const each of told) assert.match(each, /^(?:started|The outcome of the mutation "Start" is unknown)/)
    assert.match(told[2]!, 'is unknown')
  } finally {
    await server.destroy()
  }
})

// --- helpers ---

function mutations({ requests }: ScriptedServer): number {
  return requests.filter(({ body }) => body.includes('mutation Start')).length
}

function isThisNode(spec: string): boolean {
  return RUNTIME === 'node' && spec === `node@${process.versions.node.split('.')[0]}`
}

runtimes.run()
