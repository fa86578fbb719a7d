import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, project } from '../../_cli.ts'
import { type ReceivedRequest, type ScriptedReply, scriptedServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'

const instance = suite('tasks/instance')

const DATA: ScriptedReply = { body: { data: { viewer: 'john' } } }
/** A plain file that is started directly, and prints what each test looks at. */
const ALL = `import { createWfg, gql, token, wfg } from '#wfg'
const before = await token.status()
const value = await token.get()
const same = value === (await token.get())
const after = await token.status()

const other = createWfg({ headers: { 'x-mine': '1' }, timeoutMs: 5000 })
const Viewer = gql\`query Viewer { viewer }\`
const answers = await Promise.all([wfg(Viewer), other(Viewer), wfg.extend({ impersonate: 'jane' })(Viewer)])

let mistake
try { gql\`query { a(b: \${'x'}) }\` } catch (error) { mistake = String(error) }

const dry = createWfg({ dryRun: true, access: 'read' }).extend({ dryRun: false, access: 'write' })
const tightened = await dry('mutation Delete { deleteAll }').catch((error) => error.code)

const { viewer } = await createWfg({ profile: 'test' })('{ viewer }')

await token.clear()
const cleared = await token.status()
console.log(JSON.stringify({
  token: [before.valid, value.length, same, after.valid, cleared.valid],
  answers: answers.map(({ viewer }) => viewer),
  mistake,
  tightened,
  viewer,
}))`

interface Ran {
  readonly shown: Readonly<Record<string, unknown>>
  readonly requests: readonly ReceivedRequest[]
  /** Of a plain file whose first call is a mistake. */
  readonly mistaken: CliResult
}

let ran: Promise<Ran> | undefined

/** Both files run once for all tests. */
function all(): Promise<Ran> {
  ran ??= runAll()
  return ran
}

async function runAll(): Promise<Ran> {
  const [first, second] = [await scriptedServer([TOKEN, DATA, DATA, DATA]), await scriptedServer([DATA])]
  const { run, cleanup } = project({
    '.env': Object.entries(settingsFor(first))
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
    '.env.test': `WFG_GRAPHQL_URL=${second.url}/graphql\n`,
    'scripts/all.ts': ALL,
    'scripts/mistaken.ts': "import { createWfg } from '#wfg'\ncreateWfg({ timeoutMs: -1 })",
  })
  try {
    const result = await run(['--quiet'], { entry: 'scripts/all.ts' })
    hidesSecrets(result)
    assert.equal([result.status, result.stderr], [0, ''])
    const mistaken = await run(['--quiet'], { entry: 'scripts/mistaken.ts' })
    await first.close()
    await second.close()
    return { shown: JSON.parse(result.stdout), requests: first.requests, mistaken }
  } finally {
    cleanup()
    await first.destroy()
    await second.destroy()
  }
}

instance('wfg and the client of createWfg() share the token and the profile', async () => {
  const { shown, requests } = await all()
  assert.equal(shown['answers'], ['john', 'john', 'john'])
  const sent = requests.slice(1)
  const headers = sent.map(({ headers }) => [headers['x-mine'], headers['x-wfgen-impersonate-username']])
  assert.equal(
    headers.sort(),
    [
      [undefined, undefined],
      [undefined, 'jane'],
      ['1', undefined],
    ].sort(),
  )
  assert.is(new Set(sent.map(({ headers }) => headers['authorization'])).size, 1)
})

instance('token has a status before and after get(), and clear() forgets it', async () => {
  const { shown } = await all()
  assert.equal(shown['token'], [false, 25, true, true, false])
})

instance('createWfg() and gql report mistakes as one paragraph', async () => {
  const { shown, mistaken } = await all()
  assert.is(mistaken.status, 1)
  assert.match(mistaken.stderr, /^error: The script ".*mistaken\.ts" failed: RangeError: /)
  assert.match(
    String(shown['mistake']),
    /^TypeError: Cannot insert value 1 into a gql document: it is not a document[^\n]*$/,
  )
})

instance('a dry run and read access of a client can only be tightened', async () => {
  const { shown } = await all()
  assert.is(shown['tightened'], 'WFG_REFUSED')
})

instance('a profile of a client is another server', async () => {
  const { shown } = await all()
  assert.is(shown['viewer'], 'john')
})

instance.run()
