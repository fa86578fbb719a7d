import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from '../_cli.ts'
import { type ScriptedReply, withServer } from '../_server.ts'
import { here } from '../cli/_here.ts'
import { graphqlServer } from './_bulk.ts'

const bulkExit = suite('bulk_exit')

const TOKEN: ScriptedReply = { body: { access_token: 'token-secret', token_type: 'Bearer', expires_in: 3600 } }

const FILES = {
  'scripts/create.ts': `
    import { fileURLToPath } from 'node:url'
    import { defineScript } from '#wfg'
    const journal = fileURLToPath(new URL('../bulk.ndjson', import.meta.url))
    export default defineScript({
      run: ({ wfg }) => wfg.bulk('mutation ($n: Int) { create(n: $n) { n } }', [{ n: 1 }, { n: 2 }], { journal }),
    })`,
  'scripts/plain.ts': `
    import { wfg } from '#wfg'
    const outcomes = wfg.bulk('mutation ($n: Int) { create(n: $n) { n } }', [{ n: 1 }, { n: 2 }])
    for await (const { status } of outcomes) console.log(status)
    console.log(JSON.stringify(outcomes.summary))`,
}

const ENTRIES = "create: { script: './scripts/create.ts' }"

/** The task, or the plain file, whose mutation with the number `bad` is refused by the server. */
async function run(args: string[], options: { entry?: string; bad?: number; replies?: ScriptedReply[] } = {}) {
  const { entry, bad } = options
  const server = graphqlServer({
    check(n) {
      if (n === bad) throw new Error('no room')
    },
  })
  const { dir, run: command, cleanup } = project(FILES)
  try {
    let result: Awaited<ReturnType<typeof command>> | undefined
    await withServer(options.replies ?? [TOKEN, server.execute], async ({ url }) => {
      const env = {
        WFG_GRAPHQL_URL: `${url}/graphql`,
        WFG_TOKEN_ENDPOINT: `${url}/token`,
        WFG_CLIENT_ID: 'script',
        WFG_CLIENT_SECRET: 'secret-of-script',
        WFG_AUDIENCE: 'api',
        WFG_TOKEN_CACHE: 'memory',
      }
      result = entry ? await command(args, { env, entry }) : await here(dir, args, { env, entries: ENTRIES })
    })
    const journal = join(dir, 'bulk.ndjson')
    return { ...result!, journal: existsSync(journal) ? readFileSync(journal, 'utf8') : undefined }
  } finally {
    cleanup()
  }
}

bulkExit('bulk() ends a task with 5 when an entry failed, and its outcomes are rows', async () => {
  const { status, stdout, stderr, journal } = await run(['create'], { bad: 2 })
  assert.is(status, 5, stderr)
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { key, ...done } = rows[0]
  assert.equal(done, { index: 0, variables: { n: 1 }, status: 'done', data: { create: { n: 1 } } })
  assert.match(key, /^[0-9a-f]{32}$/)
  assert.is(rows[1].status, 'failed')
  assert.match(journal ?? '', '"event":"failed"')
})

bulkExit('bulk() ends a task with 0 when all entries are done', async () => {
  const { status, stderr } = await run(['create'])
  assert.is(status, 0, stderr)
})

bulkExit('bulk() prints its outcomes as CSV with the message of an error', async () => {
  const { status, stdout } = await run(['create', '--format', 'csv'], { bad: 1 })
  assert.is(status, 5)
  assert.match(stdout, 'no room')
})

bulkExit('bulk() ends a plain file with 5 when an entry failed', async () => {
  const { status, stdout, stderr } = await run([], { entry: 'scripts/plain.ts', bad: 2 })
  assert.is(status, 5, stderr)
  assert.is(stdout, 'done\nfailed\n{"done":1,"failed":1,"unknown":0,"skipped":0,"unsent":0}\n')
})

bulkExit('bulk() writes no journal in a dry run, and ends with 0', async () => {
  const { status, stdout, journal } = await run(['create', '--dry-run'], { replies: [] })
  assert.is(status, 0)
  assert.match(stdout, '"status":"skipped"')
  assert.is(journal, undefined)
})

bulkExit.run()
