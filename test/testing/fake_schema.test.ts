/** The schema that a fake uses, in processes like those of a team's tests. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, UsageError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { chooseSchema } from '../../runtime/testing/fake_schema.ts'
import { createFake } from '../../runtime/testing/fake_wfg.ts'
import { rejects } from '../_assert.ts'
import { project, REPOSITORY, temporaryFolder } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME, runtimeArgs } from '../_runtime.ts'
import { scriptedServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { SDL } from '../graphql/_schema.ts'

const fake = suite('testing/fake_schema')

interface Folder {
  readonly dir: string
  /** Name of the chosen profile; null for none. */
  chosen(given?: {
    env?: Record<string, string>
    asked?: string
    program?: string | undefined
    cwd?: string
  }): string | null
}

/** A project with pulled schemas for these profiles. */
async function withPulled(
  profiles: readonly string[],
  files: Readonly<Record<string, string>>,
  check: (folder: Folder) => void | Promise<void>,
): Promise<void> {
  const dir = temporaryFolder()
  const schemas = profiles.map((profile) => [`scripts/.schema/${profile}.graphql`, SDL] as const)
  try {
    for (const [path, text] of [['package.json', '{}'] as const, ...schemas, ...Object.entries(files)]) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text)
    }
    await check({
      dir,
      chosen({ env = {}, asked, program, cwd = dir } = {}) {
        const host = { env, secrets: {}, cwd: () => cwd, program: program && join(dir, program) }
        const found = chooseSchema(host as never, asked)
        if (found) assert.is(found.directory, dir)
        return found?.profile ?? null
      },
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const ENV = { WFG_TIMEOUT_MS: '1' }

fake(
  'chooseSchema() chooses the profile that this process would use, else the only one, and never the sandbox',
  async () => {
    await withPulled([], {}, ({ chosen }) => assert.is(chosen(), null))
    await withPulled(['sandbox'], {}, ({ chosen }) => {
      assert.is(chosen(), null)
      assert.is(chosen({ env: { WFG_PROFILE: 'sandbox' } }), null)
      assert.is(chosen({ asked: 'sandbox' }), 'sandbox')
    })
    await withPulled(['sandbox', 'test'], {}, ({ chosen }) => {
      assert.equal(
        [chosen(), chosen({ env: ENV }), chosen({ env: { WFG_PROFILE: 'nobody' } })],
        ['test', 'test', 'test'],
      )
      assert.is(chosen({ asked: 'sandbox' }), 'sandbox')
    })
    await withPulled(['default', 'sandbox', 'test'], { '.env.test': '', '.env.live': '' }, ({ chosen }) => {
      assert.equal([chosen(), chosen({ env: ENV })], ['default', 'default'])
      assert.is(chosen({ env: { WFG_PROFILE: 'test' } }), 'test')
      assert.equal([chosen({ env: { WFG_PROFILE: 'live' } }), chosen({ env: { WFG_PROFILE: 'nobody' } })], [null, null])
      assert.is(chosen({ env: { WFG_PROFILE: 'sandbox' } }), null)
      assert.is(chosen({ asked: 'test', env: ENV }), 'test')
    })
    await withPulled(['default', 'test'], {}, ({ chosen }) => {
      assert.is(chosen(), null)
      assert.is(chosen({ env: { CI: 'true' } }), 'default')
    })
  },
)

fake('chooseSchema() looks beside the program, and for a test runner in the working directory', () =>
  withPulled(['test'], { 'node_modules/uvu/package.json': '{}', 'deep/package.json': '{}' }, ({ chosen }) => {
    for (const program of ['tasks.ts', 'test/deep/x.test.ts', 'node_modules/uvu/bin.js', 'deep/x.test.ts', undefined]) {
      assert.is(chosen({ program }), 'test')
    }
    const elsewhere = temporaryFolder()
    assert.is(chosen({ program: 'test/x.test.ts', cwd: elsewhere }), 'test')
    assert.is(chosen({ cwd: elsewhere }), null)
    rmSync(elsewhere, { recursive: true })
  }),
)

fake('chooseSchema() refuses a profile whose schema was not pulled', async () => {
  await withPulled(['test', 'live'], { 'other.graphql': SDL }, async ({ dir, chosen }) => {
    const folder = quotedPath(join(dir, 'scripts', '.schema'))
    await rejects(() => chosen({ asked: 'tets' }), {
      instance: UsageError,
      message:
        `Cannot use the schema of the profile "tets": in ${folder} there is only live, test; did you mean "test"? ` +
        'pull it first, with `schema pull --profile tets`.',
    })
    await rejects(() => chosen({ asked: '../../other' }), { message: /there is only live, test; pull it first/ })
  })
  await withPulled([], {}, ({ chosen }) =>
    rejects(() => chosen({ asked: 'test' }), { message: /there is none; pull it first/ }).then(() => {}),
  )
})

fake('fakeWfg() reports a file that is not a schema definition at the first call', () =>
  withPulled([], { 'scripts/.schema/test.graphql': 'type Query {' }, async ({ dir }) => {
    const wfg = createFake({ Q: {} }, { directory: dir, profile: 'test' })
    await rejects(wfg('query Q { a }'), {
      instance: ConfigError,
      message:
        /^Cannot use the schema of the profile "test": ".*" is not a schema definition \(.*\); expected .* `schema pull --profile test`\.$/,
    })
  }),
)

const TEST = `import assert from 'node:assert/strict'
import test from 'node:test'
import { fakeWfg } from '#wfg/testing'
import { gql } from '#wfg'

const Create = gql\`mutation Create($input: CreateInput!) { create(input: $input) { request { number title: name } } }\`

test('the fake goes by the schema', async () => {
  const wfg = fakeWfg({ Create: { create: { request: { number: 7 } } }, Wrong: {} })
  assert.deepEqual(await wfg(Create, { input: { name: 'a' } }), { create: { request: { number: 7, title: null } } })
  await assert.rejects(wfg('query Wrong { viewr { id } }'), {
    code: 'WFG_GRAPHQL_REQUEST',
    message: /it does not fit the schema of the profile "test"\\. Line 1, column 15: Cannot query field "viewr" .* Did you mean "viewer"\\?/,
  })
  await assert.rejects(wfg(Create, { input: {} }), { message: /\\$input: Field "name" of required type "String!" was not provided/ })
  assert.equal(wfg.calls.length, 1)
  const bad = fakeWfg({ Create: { create: { request: { number: 'seven' } } } })
  await assert.rejects(bad(Create, { input: { name: 'a' } }), {
    code: 'WFG_USAGE',
    message: 'The fake\\'s answer to "Create" does not fit the schema of the profile "test": ' +
      'create.request.number (Int!) needs a whole number from -2147483648 to 2147483647, and was given a text.',
  })
})
`
const UVU_TEST = `import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeWfg } from '#wfg/testing'
const it = suite('fake')
it('goes by the schema', async () => {
  assert.equal(await fakeWfg({ Q: {} })('query Q { viewer { userName } }'), { viewer: { userName: '' } })
})
it.run()
`
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`,
  'test/fake.test.ts': TEST,
  'uvu/fake.ts': UVU_TEST,
}

fake("fakeWfg() checks a project's tests against the schema of its test server, with any runner", async () => {
  const server = await scriptedServer([TOKEN, { headers: { 'content-type': 'text/plain' }, body: SDL }])
  const lines = Object.entries(settingsFor(server)).map(([name, value]) => `${name}='${value}'\n`)
  const made = project({ ...FILES, '.env.test': lines.join('') })
  try {
    const pulled = await here(made.dir, ['schema', 'pull', '--profile', 'test'])
    assert.is(pulled.status, 0, pulled.stderr)
    const args = runtimeArgs()
    const runs =
      RUNTIME === 'deno'
        ? [{ command: [process.execPath, 'test', '-A', '--no-check'], entry: 'test/fake.test.ts' }]
        : RUNTIME === 'node'
          ? [
              // It starts the file by itself too.
              { command: [process.execPath, ...args, '--test'], entry: 'test/fake.test.ts' },
              { command: [process.execPath, ...args, join(REPOSITORY, 'node_modules/uvu/bin.js')], entry: 'uvu' },
            ]
          : []
    for (const run of runs) {
      const { status, stdout, stderr } = await made.run([], run)
      const told = `${run.command.join(' ')}\n${stdout}${stderr}`
      assert.ok(status === 0 && /pass 1\b|Passed: +1\b|\b1 passed/.test(stdout), told)
    }
  } finally {
    await server.destroy()
    made.cleanup()
  }
})

fake("fakeWfg() loads graphql's validation only with a schema", async () => {
  if (RUNTIME !== 'node') return notRun('what a process loads is told by Node alone')
  const made = project({
    'x.test.ts': `import { fakeWfg } from '#wfg/testing'
import { mkdirSync, writeFileSync } from 'node:fs'
const schema = (name: string, text: string) => {
  mkdirSync('scripts/.schema', { recursive: true })
  writeFileSync(\`scripts/.schema/\${name}.graphql\`, text)
}
const ask = async () => console.log(JSON.stringify(await fakeWfg({ Q: { a: 1 } })('query Q { a }')))
if (process.argv[2] === 'without') {
  await ask()
  schema('sandbox', ${JSON.stringify(SDL)})
} else schema('test', 'type Query { a: Int }')
await ask()`,
  })
  try {
    const loads = async (which: string) => {
      const { stdout, stderr } = await made.run([which], { entry: 'x.test.ts', env: { NODE_DEBUG: 'module' } })
      assert.is(stdout, '{"a":1}\n'.repeat(which === 'without' ? 2 : 1))
      return /graphql[/\\]validation/.test(stderr)
    }
    assert.equal([await loads('without'), await loads('with')], [false, true])
  } finally {
    made.cleanup()
  }
})

fake.run()
