/** What a run says and refuses because of whose its folder is. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readableByOthers } from '../../../runtime/tasks/registry/own_folder.ts'
import { type Project, project } from '../../_cli.ts'
import { fakeHost } from '../../_host.ts'
import { notRun } from '../../_not_run.ts'
import { withServer } from '../../_server.ts'
import { settingsFor, TOKEN } from '../../cli/_configured.ts'
import { withFolder } from '../_folder.ts'

const own = suite('tasks/own_folder')

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { who: { script: './scripts/who.ts', access: 'read' } })
await main(import.meta, tasks)
`,
  'scripts/who.ts': `import { createWfg, wfg } from '#wfg'
const { viewer } = await wfg('query { viewer { userName } }')
console.log(viewer.userName, (await createWfg()('query { viewer { userName } }')).viewer.userName)
`,
}
const VIEWER = { body: { data: { viewer: { userName: 'ada' } } } }

async function withProject(action: (made: Project, env: string) => Promise<void>): Promise<void> {
  if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
  const made = project(FILES)
  try {
    await action(made, join(made.dir, '.env'))
  } finally {
    made.cleanup()
  }
}

own('every run warns once of an .env that others can read, with what to type', () =>
  withProject(({ run, dir }, env) =>
    withServer(
      [TOKEN, VIEWER, VIEWER, TOKEN, VIEWER, VIEWER, TOKEN, VIEWER, VIEWER, TOKEN, VIEWER, VIEWER],
      async (server) => {
        const lines = Object.entries({ ...settingsFor(server), WFG_TOKEN_CACHE: 'memory' })
        writeFileSync(env, lines.map(([name, value]) => `${name}='${value}'\n`).join(''))
        chmodSync(env, 0o604)
        const told = `warning: other users of this computer can read ${JSON.stringify(env)}. Type: chmod 600 ${JSON.stringify(env)}\n`
        for (const [entry, args, stderr] of [
          ['tasks.ts', ['who'], told],
          ['scripts/who.ts', [], told],
          ['tasks.ts', ['who', '--quiet'], ''],
        ] as const) {
          const result = await run(args, { entry })
          assert.equal([result.status, result.stdout, result.stderr], [0, 'ada ada\n', stderr])
        }
        chmodSync(join(dir, '.env'), 0o600)
        assert.is((await run(['who'])).stderr, '')
      },
    ),
  ),
)

own('readableByOthers() lets root share a file with the group of this user', () =>
  withFolder({ '.env': '', '.env.test': '' }, (folder) => {
    if (process.geteuid === undefined) return notRun('whose a file is, is a question of Unix')
    const found = (userId: number, mode: number) => {
      for (const name of ['.env', '.env.test']) chmodSync(join(folder, name), mode)
      const host = fakeHost({ env: {}, isAllowed: () => true, userId: () => userId })
      return readableByOthers(host, folder, 'test').length
    }
    const owner = process.geteuid()
    assert.equal(
      [found(owner, 0o600), found(owner, 0o604), found(owner + 1, 0o640), found(owner + 1, 0o644)],
      [0, 2, 0, 2],
    )
    assert.is(readableByOthers(fakeHost({ isAllowed: () => false }), folder, 'test').length, 0)
  }),
)

for (const [name, mode] of [
  ['tasks.ts', 0o666],
  ['package.json', 0o666],
  ['.env.test', 0o606],
] as const) {
  own(`nothing runs where others can change ${name}, however it is started`, () =>
    withProject(async ({ run, dir }) => {
      writeFileSync(join(dir, '.env.test'), '', { mode: 0o600 })
      chmodSync(join(dir, name), mode)
      for (const [entry, args] of [
        ['tasks.ts', []],
        ['tasks.ts', ['--version']],
        ['tasks.ts', ['completion', '--word=']],
        ['tasks.ts', ['who']],
        ['scripts/who.ts', []],
        ['runtime/cli/wfg.mjs', ['who']],
      ] as const) {
        const { status, stdout, stderr } = await run(args, { entry })
        assert.equal([status, stdout], [7, ''], `${entry} ${args}: ${stderr}`)
        assert.is(
          stderr,
          `error: Cannot run what is in ${JSON.stringify(dir)}: ${JSON.stringify(join(dir, name))} can be changed by other users. ` +
            `If you trust its content, type: chmod go-w ${JSON.stringify(join(dir, name))}\n`,
        )
      }
    }),
  )
}

own('the launcher runs nothing of another user, and one more user can be trusted by the environment alone', () =>
  withProject(async ({ run, dir }) => {
    if (process.geteuid?.() !== 0) return notRun('to give a file to another user takes root')
    const entry = 'runtime/cli/wfg.mjs'
    writeFileSync(join(dir, 'tasks.ts'), `console.log('executed')\n${FILES['tasks.ts']}`)
    writeFileSync(join(dir, '.env'), 'WFG_TRUST_OWNER=1000\n', { mode: 0o600 })
    chownSync(join(dir, 'tasks.ts'), 1000, 1000)
    for (const args of [[], ['list'], ['--version'], ['help'], ['who'], ['completion', '--word=']]) {
      const { status, stdout, stderr } = await run(args, { entry, cwd: 'scripts' })
      assert.equal([status, stdout], [7, ''], stderr)
      assert.match(
        stderr,
        /^error: Cannot run what is in .*tasks\.ts" belongs to user 1000\. .*set WFG_TRUST_OWNER=1000/,
      )
    }
    const { status, stdout } = await run(['list'], { entry, env: { WFG_TRUST_OWNER: '1000' } })
    assert.equal([status, stdout.split('\n')[0]], [0, 'executed'])
  }),
)

own.run()
