import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './_cli.ts'

const mod = suite('mod')

mod('the entries export these names and no others', async () => {
  const names = async (path: string) => Object.keys(await import(`../runtime/${path}mod.ts`)).sort()
  assert.equal(
    await names(''),
    [
      ...['wfg', 'createWfg', 'defineScript', 'gql', 'file', 'enumValue', 'token', 'isWfgError', 'WfgError'],
      ...[
        'UsageError',
        'ConfigError',
        'AccessTokenError',
        'AuthorizationError',
        'TransportError',
        'GraphQLRequestError',
      ],
      ...['GraphQLExecutionError', 'OutcomeUnknownError', 'RefusedError'],
    ].sort(),
  )
  assert.equal(await names('tasks/'), ['defineTasks', 'folder', 'main'])
  assert.equal(await names('testing/'), ['fakeWfg'])
})

/** What an import could leave behind in a process. */
const PROBE = `const NAME = '#' + 'wfg' // so that this is no script of ours
const listeners = () =>
  [process, process.stdin, process.stdout, process.stderr].map((from) =>
    Object.fromEntries(from.eventNames().filter((name) => typeof name === 'string').map((name) => [String(name), from.listenerCount(name)])))
const state = () => ({
  listeners: listeners(),
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  open: process.getActiveResourcesInfo(),
  argv: [...process.argv],
  exitCode: process.exitCode,
  console: Object.entries(console).map(([name, value]) => [name, value]),
})
const { stdin, stdout, stderr } = process
const env = { ...process.env }
const before = state()
await import(NAME)
const after = state()
const difference = {}
for (const key of Object.keys(before)) {
  if (key === 'console') difference[key] = before.console.some(([name, value]) => console[name] !== value)
  else if (JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    difference[key] = key === 'globals' ? after.globals.filter((name) => !before.globals.includes(name)) : [before[key], after[key]]
}
for (const name of Object.keys({ ...env, ...process.env })) {
  if (env[name] !== process.env[name]) difference[name] = process.env[name] ?? null
}
console.log(JSON.stringify(difference))`

mod('importing #wfg takes the secrets out of the environment, and that is all it does', async () => {
  const { dir, run, cleanup } = project({ 'probe.ts': PROBE })
  try {
    writeFileSync(join(dir, '.env'), 'WFG_CLIENT_SECRET=of-the-file\n')
    const before = readdirSync(dir)
    const { status, stdout, stderr } = await run(['--dry-run', '--format', 'xml'], {
      entry: 'probe.ts',
      env: { WFG_CLIENT_SECRET: 'a-secret', WFG_CLIENT_ID: 'no-secret' },
    })
    assert.equal([status, stderr], [0, ''])
    const { globals = [], ...difference } = JSON.parse(stdout) as { globals?: string[] }
    assert.equal(difference, { console: false, WFG_CLIENT_SECRET: null })
    // Deno's own.
    assert.equal(
      globals.filter((name) => name !== 'nodeBootstrap'),
      [],
    )
    assert.equal(readdirSync(dir), before)
  } finally {
    cleanup()
  }
})

const PRINTS_ENVIRONMENT = process.platform === 'win32' ? "'cmd', ['/c', 'set']" : "'env'"

mod('a child process of a script does not see the secrets', async () => {
  const { run, cleanup } = project({
    'script.ts': `import { execFileSync } from 'node:child_process'
import { wfg } from '#wfg'
console.log(typeof wfg)
console.log(execFileSync(${PRINTS_ENVIRONMENT}).toString())`,
  })
  try {
    const { status, stdout } = await run([], {
      entry: 'script.ts',
      env: { WFG_CLIENT_SECRET: 'a-secret', WFG_SEEN: 'yes' },
    })
    assert.is(status, 0)
    assert.match(stdout, /^WFG_SEEN=yes\r?$/m)
    assert.not.match(stdout, /a-secret/)
  } finally {
    cleanup()
  }
})

mod.run()
