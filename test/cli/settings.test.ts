/** What a person gets whose settings are wrong: a paragraph, exit code 2, and nothing sent. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../runtime/core/visible.ts'
import { project } from '../_cli.ts'
import { withServer } from '../_server.ts'
import { hidesSecrets, SECRET, settingsFor } from './_configured.ts'
import { here } from './_here.ts'

const settings = suite('cli/settings')

const ENTRIES = `
  viewer: { script: './scripts/viewer.ts', access: 'read' },
  defined: { script: './scripts/defined.ts', access: 'read' },`
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
})
await main(import.meta, tasks)`,
  'scripts/viewer.ts': "import { wfg } from '#wfg'\nconsole.log(await wfg`query Viewer { viewer { userName } }`)",
  'scripts/defined.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: ({ wfg }) => wfg\`query Viewer { viewer { userName } }\` })`,
}
const WHERE = 'Set them in the environment, or in a file .env beside tasks.ts; .env.example explains each.\n'

/** Runs the task with the settings of a server that must get no request, changed by `change`. */
async function refused(
  change: Record<string, string | undefined>,
  check: (stderr: string, dir: string) => void,
  {
    args = ['defined'],
    prepare = () => {},
    entry,
  }: {
    args?: string[]
    prepare?: (dir: string) => void /** What is started in a process of its own. */
    entry?: string
  } = {},
): Promise<void> {
  await withServer([], async (server) => {
    const { dir, run, cleanup } = project(FILES)
    try {
      prepare(dir)
      const all = Object.entries({ ...settingsFor(server), ...change }).filter(([, value]) => value !== undefined)
      const env = Object.fromEntries(all) as Record<string, string>
      const result = await (entry ? run(args, { env, entry }) : here(dir, args, { env, entries: ENTRIES }))
      assert.equal([result.status, result.stdout], [2, ''], result.stderr)
      assert.not.match(result.stderr, /^ {4}at /m)
      hidesSecrets(result)
      check(result.stderr, dir)
    } finally {
      cleanup()
    }
  })
}

settings('all that is missing is reported at once, when there are no settings in CI', async () => {
  const none = Object.fromEntries(Object.keys(settingsFor({ url: '' })).map((name) => [name, undefined]))
  await refused({ ...none, CI: 'true' }, (stderr) =>
    assert.is(
      stderr,
      'error: Cannot use the settings of the profile "default":\n' +
        '  WFG_GRAPHQL_URL is not set; it is the GraphQL endpoint of WorkflowGen\n' +
        '  WFG_CLIENT_ID is not set; it is the client ID of the registered application\n' +
        '  WFG_CLIENT_SECRET is not set, and neither is WFG_CLIENT_SECRET_FILE\n' +
        '  WFG_ISSUER is not set, and neither is WFG_TOKEN_ENDPOINT\n' +
        WHERE.trimEnd() +
        '\nCI is set, so the embedded sandbox is not used; to use it, add --profile sandbox.\n',
    ),
  )
})

settings('half of them is no sandbox', async () => {
  await refused({ WFG_CLIENT_SECRET: undefined, WFG_AUDIENCE: undefined }, (stderr) =>
    assert.is(
      stderr,
      'error: Cannot use the settings of the profile "default":\n' +
        '  WFG_CLIENT_SECRET is not set, and neither is WFG_CLIENT_SECRET_FILE\n' +
        '  WFG_AUDIENCE is not set; auth0 needs the identifier of the WorkflowGen GraphQL API\n' +
        WHERE,
    ),
  )
})

settings('a lone .env.test is named, and how to use it', async () => {
  const none = Object.fromEntries(Object.keys(settingsFor({ url: '' })).map((name) => [name, undefined]))
  await refused(
    none,
    (stderr) => {
      assert.match(
        stderr,
        /^error: Cannot use the settings of the profile "default":\n {2}WFG_GRAPHQL_URL is not set; /,
      )
      assert.ok(
        stderr.endsWith(
          `${WHERE}There are other settings: .env.test (--profile test). To try wfg without settings, use --profile sandbox.\n`,
        ),
        stderr,
      )
    },
    { prepare: (dir) => writeFileSync(join(dir, '.env.test'), 'WFG_CLIENT_ID=x\n') },
  )
})

settings('a secret that an unquoted # cuts short is refused before it is sent, and not shown', async () => {
  await refused(
    { WFG_CLIENT_SECRET: undefined },
    (stderr) => {
      assert.match(
        stderr,
        /\n {2}WFG_CLIENT_SECRET is cut short in \.env: an unquoted # begins a comment; put the value in single quotes\n/,
      )
      assert.not.match(stderr, /hush/)
    },
    { prepare: (dir) => writeFileSync(join(dir, '.env'), 'WFG_CLIENT_SECRET=hush#hush-hush\n') },
  )
})

settings('a URL that is none, or http to another computer, is named and not shown', async () => {
  for (const url of [`htp:/${encodeURIComponent(SECRET)} y`, 'http://workflow.example.com/graphql']) {
    await refused({ WFG_GRAPHQL_URL: url }, (stderr) => {
      assert.match(
        stderr,
        /\n {2}WFG_GRAPHQL_URL must be an https URL without user name and password \(http is accepted for this computer only/,
      )
      assert.not.ok(stderr.includes(url))
    })
  }
})

settings('a misspelt name is recognised', async () => {
  await refused({ WFG_CLIENT_ID: undefined, WFG_CLIENT_IDD: 'x' }, (stderr) =>
    assert.match(stderr, /WFG_CLIENT_ID is not set; .*\(WFG_CLIENT_IDD is set: is it a misspelling\?\)\n/),
  )
})

settings('an unknown profile is answered with the profiles there are', async () => {
  await refused(
    {},
    (stderr, dir) =>
      assert.is(
        stderr,
        `error: Cannot use the profile "tset": there is no file ".env.tset" in ${quotedPath(dir)}; the profiles here are sandbox, test. ` +
          'Choose one of them, or write that file (see .env.example).\n',
      ),
    { args: ['defined', '--profile', 'tset'], prepare: (dir) => writeFileSync(join(dir, '.env.test'), '') },
  )
})

settings('a .env that cannot be read is an error, also for a script that was started directly', async () => {
  const folder = (dir: string) => mkdirSync(join(dir, '.env'))
  const expected = (stderr: string, dir: string) =>
    assert.is(
      stderr,
      `error: Cannot read the settings in ${quotedPath(join(dir, '.env'))}: it is a folder; it must be a text file that you may read.\n`,
    )
  await refused({}, expected, { prepare: folder, entry: 'tasks.ts', args: ['viewer'] })
  await refused({}, expected, { prepare: folder, entry: 'scripts/viewer.ts', args: [] })
})

settings('a .env in UTF-16 without its mark is an error', async () => {
  await refused(
    {},
    (stderr) =>
      assert.match(
        stderr,
        /it is neither UTF-8 nor UTF-16 with a byte order mark; save it again with the encoding UTF-8\.\n$/,
      ),
    { prepare: (dir) => writeFileSync(join(dir, '.env'), Buffer.from('WFG_CLIENT_ID=x\n', 'utf16le')) },
  )
})

settings.run()
