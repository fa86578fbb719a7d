/** Dry runs with a pulled schema. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, type Project, project } from '../../_cli.ts'
import { type ScriptedReply, type ScriptedServer, scriptedServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'
import { here } from '../../cli/_here.ts'
import { SDL } from '../_schema.ts'

const dry = suite('graphql/dry_run')

const script = (run: string) => `import { defineScript, gql } from '#wfg'
const Create = gql\`
  mutation Create($input: CreateInput!, $at: DateTime) {
    create(input: $input, at: $at) { request { number state } owners { ... on Group { name } } tags }
  }\`
export default defineScript({ async run({ wfg }) { ${run} } })`

const SCRIPTS: Readonly<Record<string, string>> = {
  right: script("return wfg(Create, { input: { name: 'a' }, at: new Date(0) })"),
  tag: script(`return wfg\`mutation M { remove(number: \${7}) }\``),
  wrong: script('return wfg(gql(\'mutation Wrong {\\n  create(input: { name: "a" }) { tgs }\\n}\'))'),
  value: script(`return wfg\`mutation M { remove(number: \${'a-hidden-value'}) }\``),
  variables: script("return wfg(Create, { input: { nme: 'a-hidden-value' } })"),
  other: script("return wfg.extend({ profile: 'test' })('mutation M { remov(number: 1) }')"),
  ask: script("return wfg('query Q { nobody { knows } }')"),
  bulk: script(`for await (const { index, status, error } of wfg.bulk(Create, [
    { input: { name: 'a' } }, { input: { name: 1234567 } }, { input: { name: 'c' } },
  ])) yield { index, status, error: error?.message }`).replace('async run', 'async *run'),
  'wrong-bulk': script(
    "for await (const each of wfg.bulk('mutation B($n: Int!) { remov(number: $n) }', [{ n: 1 }])) log(each)",
  ),
}

const ENTRIES = Object.keys(SCRIPTS).map((name) => `'${name}': { script: './scripts/${name}.ts' },\n`)

interface Given {
  readonly made: Project
  readonly server: ScriptedServer
  run(name: string, ...args: string[]): ReturnType<Project['run']>
  /** The same in a process of its own. */
  started(name: string, ...args: string[]): ReturnType<Project['run']>
  /** With this profile. */
  as(profile: string, name: string, ...args: string[]): ReturnType<Project['run']>
}

/** A project with a profile `test`, whose server sends the replies. */
async function withProject(replies: readonly ScriptedReply[], check: (given: Given) => Promise<void>): Promise<void> {
  const server = await scriptedServer(replies)
  const lines = Object.entries(settingsFor(server)).map(([name, value]) => `${name}='${value}'\n`)
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
${ENTRIES.join('')}})
await main(import.meta, tasks)`,
    '.env.test': lines.join(''),
    '.env.live': lines.join(''),
    ...Object.fromEntries(Object.entries(SCRIPTS).map(([name, source]) => [`scripts/${name}.ts`, source])),
  })
  const checked = <Result extends CliResult>(result: Result) => {
    hidesSecrets(result)
    return result
  }
  const as: Given['as'] = async (profile, name, ...args) =>
    checked(await here(made.dir, [name, '--profile', profile, ...args], { entries: ENTRIES.join('') }))
  try {
    await check({
      made,
      server,
      as,
      run: (...given) => as('test', ...given),
      started: async (name, ...args) => checked(await made.run([name, '--profile', 'test', ...args])),
    })
    await server.close()
  } finally {
    await server.destroy()
    made.cleanup()
  }
}

const DEFINITION = { headers: { 'content-type': 'text/plain' }, body: SDL }
const ANSWERED = { body: { data: { nobody: null } } }

dry('a mutation that does not fit the pulled schema is refused, and one that fits is answered with mock data', () =>
  withProject([TOKEN, DEFINITION, TOKEN, ANSWERED], async ({ run, started, server }) => {
    assert.is((await run('schema', 'pull')).status, 0)

    const right = await run('right', '--dry-run', '--format', 'json')
    assert.equal(
      [right.status, JSON.parse(right.stdout)],
      [0, { create: { request: { number: 0, state: 'OPEN' }, owners: [{ name: null }], tags: [null] } }],
    )
    assert.match(right.stderr, /dry run: would send the mutation "Create" with/)
    const tag = await run('tag', '--dry-run', '--format', 'json')
    assert.equal([tag.status, JSON.parse(tag.stdout)], [0, { remove: null }])

    const wrong = await started('wrong', '--dry-run')
    assert.equal([wrong.status, wrong.stdout], [4, ''])
    assert.match(
      wrong.stderr,
      /error: Cannot execute the mutation "Wrong": it does not fit the schema of the profile "test"\. Line 2, column 34: Cannot query field "tgs" on type "CreatePayload"\. Did you mean "tags"\? Nothing was sent\. [^\n]*\n$/,
    )
    const value = await run('value', '--dry-run')
    assert.match(value.stderr, /Line 1, column 30: Int cannot represent non-integer value: "\[value\]"\. Nothing/)
    const variables = await run('variables', '--dry-run')
    assert.match(
      variables.stderr,
      /error: Cannot execute the mutation "Create": its variables do not fit the schema of the profile "test"\. \$input: Field "name" of required type "String!" was not provided\. \$input: Field "nme" is not defined by type "CreateInput"\. Did you mean "name"\? Nothing was sent\. [^\n]*\n$/,
    )
    for (const { status, stdout, stderr } of [wrong, value, variables]) {
      assert.equal([status, stdout], [4, ''])
      assert.not.match(stderr, /would send|a-hidden-value/)
    }

    // The server checks a query.
    const query = await run('ask', '--dry-run', '--format', 'json')
    assert.equal(JSON.parse(query.stdout), { nobody: null })
    assert.is(server.requests.length, 4)
  }),
)

dry('bulk() refuses a document that does not fit, and fails entries whose variables do not fit', () =>
  withProject([], async ({ run, made }) => {
    pulled(made, SDL)
    const bulk = await run('bulk', '--dry-run', '--format', 'json')
    const outcomes = JSON.parse(bulk.stdout) as { status: string; error?: string }[]
    assert.equal([bulk.status, outcomes.map(({ status }) => status)], [5, ['skipped', 'failed', 'skipped']])
    assert.match(
      outcomes[1]!.error!,
      /its variables do not fit .* \$input\.name \(String\) needs a text, and was given a/,
    )
    assert.is(bulk.stderr.match(/would send/g)?.length, 2)
    assert.not.match(bulk.stdout + bulk.stderr, '1234567')
    const wrong = await run('wrong-bulk', '--dry-run')
    assert.is(wrong.status, 4)
    assert.match(wrong.stderr, /Cannot query field "remov" on type "Mutation"\. Did you mean "remove"\?/)
    assert.not.match(wrong.stderr, 'would send')
  }),
)

dry('without a pulled schema of the profile, the data has only the selected fields', () =>
  withProject([], async ({ run, as, made }) => {
    const shape = { create: { tgs: null } }
    const none = await run('wrong', '--dry-run', '--format', 'json')
    assert.equal([none.status, JSON.parse(none.stdout)], [0, shape])
    pulled(made, SDL, 'other')
    assert.equal(JSON.parse((await run('wrong', '--dry-run', '--format', 'json')).stdout), shape)
    pulled(made, SDL, 'test')
    const other = await as('live', 'other', '--dry-run')
    assert.match(other.stderr, /does not fit the schema of the profile "test"\. Line 1, column 14: /)
    pulled(made, SDL, 'sandbox')
    const sandbox = await as('sandbox', 'wrong', '--dry-run', '--format', 'json')
    assert.equal([sandbox.status, JSON.parse(sandbox.stdout)], [0, shape])
  }),
)

dry('a file that is not a schema definition is an error, and works after another pull', () =>
  withProject([TOKEN, DEFINITION], async ({ run, started, made }) => {
    pulled(made, 'type Query {')
    // It shows the path from the working directory, which is that of a process.
    const { status, stderr } = await started('right', '--dry-run')
    assert.is(status, 2)
    assert.match(
      stderr,
      /error: Cannot use the schema of the profile "test": "scripts.\.schema.test\.graphql" is not a schema definition \(Syntax Error: [^\n]*\); expected what `schema pull` writes\. Pull it again, with `schema pull --profile test`\.\n$/,
    )
    assert.is((await run('schema', 'pull')).status, 0)
    assert.is((await run('right', '--dry-run')).status, 0)
  }),
)

/** As `schema pull` writes it. */
function pulled({ dir }: Project, definition: string, profile = 'test'): void {
  const folder = join(dir, 'scripts', '.schema')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${profile}.graphql`), definition)
}

dry.run()
