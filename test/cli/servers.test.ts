/** What a person gets whose servers refuse, answer nonsense, or are not there: a paragraph and the right exit code. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from '../_cli.ts'
import { type Reply, refusedUrl, type ScriptedReply, scriptedServer, withServer } from '../_server.ts'
import { hidesSecrets, SECRET, settingsFor, TOKEN, TOKEN_TEXT } from './_configured.ts'
import { here } from './_here.ts'

const servers = suite('cli/servers')

const ENTRIES = `
  viewer: { script: './scripts/viewer.ts', access: 'read' },
  defined: { script: './scripts/defined.ts', access: 'read' },`
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
})
await main(import.meta, tasks)`,
  'scripts/viewer.ts': `import { wfg } from '#wfg'
const { viewer } = await wfg\`query Viewer { viewer { userName } }\`
console.log(viewer.userName)`,
  'scripts/defined.ts': `import { defineScript } from '#wfg'
export default defineScript({
  run: async ({ wfg }) => (await wfg\`query Viewer { viewer { userName } }\`).viewer.userName,
})`,
}
const PAGE: Reply = {
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>Sign in</title></head></html>',
}
const NO_ACCESS: Reply = { status: 401, body: `no access for ${TOKEN_TEXT}` }

async function failing(
  replies: readonly ScriptedReply[],
  status: number,
  check: (stderr: string, url: string) => void,
  change: Record<string, string> = {},
  /** What is started in a process of its own. */
  entry?: string,
): Promise<void> {
  await withServer(replies, async (server) => {
    const { dir, run, cleanup } = project(FILES)
    try {
      const env = { ...settingsFor(server), ...change }
      const result = entry
        ? await run(entry === 'tasks.ts' ? ['viewer'] : [], { env: { ...env, WFG_TOKEN_CACHE: 'disk' }, entry })
        : await here(dir, ['defined'], { env, entries: ENTRIES })
      assert.equal([result.status, result.stdout], [status, ''], result.stderr)
      assert.match(result.stderr, /^error: [^\n]+\n$/)
      hidesSecrets(result)
      check(result.stderr, server.url)
    } finally {
      cleanup()
    }
  })
}

servers('a query that fits the server not is said with the server’s words', async () => {
  const message = 'Cannot query field "nope" on type "User".'
  await failing([TOKEN, { status: 400, body: { errors: [{ message }] } }], 4, (stderr) =>
    assert.is(stderr, `error: Cannot execute the query "Viewer": ${message}\n`),
  )
})

servers('a page instead of an answer is said to be one, by WorkflowGen and by the identity provider', async () => {
  await failing([TOKEN, PAGE], 4, (stderr, url) =>
    assert.is(
      stderr,
      `error: Cannot execute the query "Viewer": "${url}/wfgen/graphql" answered 200 with an HTML page titled "Sign in"; ` +
        'expected a GraphQL answer. Check WFG_GRAPHQL_URL, and the server or proxy that answers there.\n',
    ),
  )
  await failing([PAGE], 3, (stderr) =>
    assert.match(stderr, /answered 200 with text\/html: Sign in\. .* does not look like a token endpoint\.\n$/),
  )
})

servers('a second 401 names the screen of WorkflowGen to look at', async () => {
  // Whether the token is renewed in between is not this test's subject.
  const reply: ScriptedReply = ({ path }) => (path.endsWith('/token') ? TOKEN : NO_ACCESS)
  const server = await scriptedServer([reply, reply, reply, reply])
  const { dir, cleanup } = project(FILES)
  try {
    const result = await here(dir, ['defined'], { env: settingsFor(server), entries: ENTRIES })
    assert.equal([result.status, result.stdout], [3, ''], result.stderr)
    assert.match(
      result.stderr,
      /^error: .* the identity provider accepted the client and WorkflowGen did not; it answered 401 .* Administration > Applications.*\n$/,
    )
    assert.is(server.requests.filter(({ path }) => path.endsWith('/graphql')).length, 2)
    hidesSecrets(result)
  } finally {
    cleanup()
    await server.destroy()
  }
})

servers('a wrong client secret names the settings to look at, however the file is started', async () => {
  const wrong: Reply = { status: 401, body: { error: 'access_denied', error_description: `Unauthorized ${SECRET}` } }
  for (const entry of ['tasks.ts', 'scripts/viewer.ts']) {
    await failing(
      [wrong],
      3,
      (stderr, url) =>
        assert.match(
          stderr,
          new RegExp(
            `^error: Cannot get an access token from "${url}/oauth/token" for the client "client-of-the-test": .*401 access_denied \\(Unauthorized \\[redacted\\]\\)\\. Check WFG_CLIENT_ID, WFG_CLIENT_SECRET`,
          ),
        ),
      {},
      entry,
    )
  }
})

servers('a server that is not there is 4, an identity provider that is not there is 3', async () => {
  const refused = await refusedUrl()
  const graphqlUrl = `${refused}/graphql`
  await failing(
    [TOKEN],
    4,
    (stderr) =>
      assert.match(
        stderr,
        new RegExp(`no answer from "${graphqlUrl}": .*\\(ECONNREFUSED\\)\\. Check WFG_GRAPHQL_URL, the network`),
      ),
    { WFG_GRAPHQL_URL: graphqlUrl },
  )
  await failing(
    [],
    3,
    (stderr) =>
      assert.match(stderr, /Cannot get an access token .*\(ECONNREFUSED\)\. Check WFG_ISSUER or WFG_TOKEN_ENDPOINT/),
    {
      WFG_TOKEN_ENDPOINT: `${refused}/token`,
    },
  )
})

servers('a name that cannot be resolved is 4 for the server', async () => {
  await failing(
    [TOKEN],
    4,
    (stderr) => assert.match(stderr, /no answer from "https:\/\/nobody\.invalid\/graphql": .*\. Check WFG_GRAPHQL_URL/),
    {
      WFG_GRAPHQL_URL: 'https://nobody.invalid/graphql',
    },
  )
})

servers('a clock that is more than a minute off is told in one line, and not with --quiet', async () => {
  const token = { ...TOKEN, headers: { date: new Date(Date.now() - 3_600_000).toUTCString() } }
  const viewer: Reply = { body: { data: { viewer: { userName: 'ada' } } } }
  await withServer([token, viewer, token, viewer], async (server) => {
    const { dir, cleanup } = project(FILES)
    try {
      const options = { env: settingsFor(server), entries: ENTRIES }
      const { status, stdout, stderr } = await here(dir, ['defined'], options)
      assert.equal([status, stdout], [0, 'ada\n'])
      assert.match(
        stderr,
        /^warning: The clock of this computer is (3599|36\d\d) s ahead of the identity provider's\. Set it, [^\n]*\n$/,
      )
      assert.is((await here(dir, ['defined', '--quiet'], options)).stderr, '')
    } finally {
      cleanup()
    }
  })
})

servers.run()
