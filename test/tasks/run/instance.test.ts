import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, project } from '../../_cli.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'

const instance = suite('tasks/instance')

/** Starts a plain file directly against a server that has these replies and no more. */
function plain(
  source: string,
  replies: readonly ScriptedReply[],
  check: (result: CliResult, server: ScriptedServer) => void,
): Promise<void> {
  return withServer(replies, async (server) => {
    const { run, cleanup } = project({ 'script.ts': source })
    try {
      const result = await run(['--quiet'], { entry: 'script.ts', env: settingsFor(server) })
      hidesSecrets(result)
      check(result, server)
    } finally {
      cleanup()
    }
  })
}

const DATA: ScriptedReply = { body: { data: { viewer: 'john' } } }

instance('wfg and the client of createWfg() share the token and the profile', () =>
  plain(
    `import { createWfg, gql, wfg } from '#wfg'
const other = createWfg({ headers: { 'x-mine': '1' }, timeoutMs: 5000 })
const Viewer = gql\`query Viewer { viewer }\`
const answers = await Promise.all([wfg(Viewer), other(Viewer), wfg.extend({ impersonate: 'jane' })(Viewer)])
console.log(answers.map(({ viewer }) => viewer).join(' '))`,
    [TOKEN, DATA, DATA, DATA],
    ({ status, stdout, stderr }, { requests }) => {
      assert.equal([status, stdout, stderr], [0, 'john john john\n', ''])
      const headers = requests
        .slice(1)
        .map(({ headers }) => [headers['x-mine'], headers['x-wfgen-impersonate-username']])
      assert.equal(
        headers.sort(),
        [
          [undefined, undefined],
          [undefined, 'jane'],
          ['1', undefined],
        ].sort(),
      )
      assert.is(new Set(requests.slice(1).map(({ headers }) => headers['authorization'])).size, 1)
    },
  ),
)

instance('token has a status before and after get(), and clear() forgets it', () =>
  plain(
    `import { token } from '#wfg'
const before = await token.status()
const value = await token.get()
const same = value === (await token.get())
const after = await token.status()
await token.clear()
const cleared = await token.status()
console.log([before.valid, value.length, same, after.valid, cleared.valid].join(' '))`,
    [TOKEN],
    ({ status, stdout }) => assert.equal([status, stdout], [0, 'false 25 true true false\n']),
  ),
)

instance('createWfg() and gql report mistakes as one paragraph', async () => {
  await plain("import { createWfg } from '#wfg'\ncreateWfg({ timeoutMs: -1 })", [], ({ status, stderr }) => {
    assert.is(status, 1)
    assert.match(stderr, /^error: The script ".*script\.ts" failed: RangeError: /)
  })
  await plain(`import { gql } from '#wfg'\ngql\`query { a(b: \${'x'}) }\``, [], ({ status, stderr }) => {
    assert.is(status, 1)
    assert.match(stderr, /TypeError: Cannot insert value 1 into a gql document: it is not a document/)
  })
})

instance('a dry run and read access of a client can only be tightened', () =>
  plain(
    `import { createWfg } from '#wfg'
const dry = createWfg({ dryRun: true, access: 'read' }).extend({ dryRun: false, access: 'write' })
await dry('mutation Delete { deleteAll }').catch((error) => console.log(error.code))`,
    [],
    ({ status, stdout }) => assert.equal([status, stdout], [0, 'WFG_REFUSED\n']),
  ),
)

instance('a profile of a client is another server', () =>
  withServer([TOKEN], (first) =>
    withServer([DATA], async (second) => {
      const { run, cleanup } = project({
        '.env': Object.entries(settingsFor(first))
          .map(([name, value]) => `${name}='${value}'\n`)
          .join(''),
        '.env.test': `WFG_GRAPHQL_URL=${second.url}/graphql\n`,
        'script.ts': `import { createWfg } from '#wfg'
console.log((await createWfg({ profile: 'test' })('{ viewer }')).viewer)`,
      })
      try {
        const { status, stdout } = await run([], { entry: 'script.ts' })
        assert.equal([status, stdout], [0, 'john\n'])
      } finally {
        cleanup()
      }
    }),
  ),
)

instance.run()
