/** Text from a hostile server, as a person at a terminal and a CI runner receive it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliOptions, type CliResult, type Project, project } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { HAS_SH } from '../_programs.ts'
import { runtimeArgs } from '../_runtime.ts'
import { type ScriptedReply, withServer } from '../_server.ts'
import { settingsFor, TOKEN, TOKEN_TEXT } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from '../cli/_terminal.ts'

const printed = suite('printed_text')

const STEERING = 'N\u001b]0;t\u0007\u009b2J\u202e\u2066\b\rE'
const SHOWN = 'N\\x1b]0;t\\x07\\x9b2J\\u202e\\u2066\\x08\\rE'
const COMMAND = '::set-output name=x::y'
/** What a runner would execute: GitHub reads `::` at the start of a line, `##[` anywhere, as Azure does with `##vso[`. */
const EXECUTED = /^\s*::|##(vso)?\[/im

const SCRIPT = `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({ ways: v.string() }),
  positionals: ['ways'],
  async run({ args, wfg, log, confirm }) {
    const { name } = await wfg\`query { name }\`
    const ways = args.ways.split(',')
    if (ways.includes('log')) log(name)
    if (ways.includes('confirm')) await confirm(\`Delete \${name}?\`)
    if (ways.includes('throw')) throw new Error(name)
    if (ways.includes('text')) return name
    if (ways.includes('rows')) return [{ name, other: 'x\\n' + name }]
  },
})
`

interface Office {
  readonly dir: string
  /** In a process of its own. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  /** In the test's process. */
  here(args: readonly string[], options?: CliOptions): Promise<CliResult>
  readonly env: Record<string, string>
}

function withName(name: string, count: number, action: (office: Office) => Promise<void>): Promise<void> {
  const data: ScriptedReply = { body: { data: { name } } }
  return withAnswers(Array.from({ length: count }, () => [TOKEN, data]).flat(), action)
}

const ENTRIES = "task: { script: './scripts/task.ts', access: 'read' }"

let common: Project | undefined
printed.after(() => common?.cleanup())

async function withAnswers(replies: readonly ScriptedReply[], action: (office: Office) => Promise<void>) {
  common ??= project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { ${ENTRIES} })
await main(import.meta, tasks)`,
    'scripts/task.ts': SCRIPT,
  })
  const { dir, run } = common
  await withServer(replies, (server) => {
    // A start is faster where code may be kept.
    const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk' }
    return action({ dir, run, env, here: (args, options) => here(dir, args, { ...options, entries: ENTRIES }) })
  })
}

const FORMATS = ['rows --format csv', 'rows --format json', 'rows --format ndjson', 'rows']
/** Ways in which a name gets to a terminal, and how many times one run shows it at least. */
const SHOWS: readonly (readonly [ways: string, times: number])[] = [
  ['log,confirm,text', 3],
  ['throw', 0],
  ...FORMATS.map((format) => [format, 1] as const),
]
for (const [ways, times] of SHOWS) {
  printed(`a terminal is not steered by a name from the server: ${ways}`, async () => {
    if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
    await withName(STEERING, 1, async ({ dir, env }) => {
      const answers = [[/\[y\/N\] $/, 'y\n']] as const
      const { screen } = await onTerminal(dir, ['task', ...ways.split(' ')], { env, columns: 200, answers })
      for (const control of STEERING.match(/[^\w\];]/g)!) assert.not.ok(screen.includes(control), screen)
      // Of a thrown error colours are taken away. JSON has escapes of its own for some.
      const shown = /N\\(x|u00)1b\]0;t\\(x|u00)07\\x9b2J\\u202e\\u2066\\(x08|b)\\rE/g
      assert.ok([...screen.matchAll(shown)].length >= times, screen)
    })
  })
}

printed('a terminal is not steered by the message of a GraphQL error', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  await withAnswers([TOKEN, { body: { errors: [{ message: `no ${STEERING}` }] } }], async ({ dir, env }) => {
    const { screen } = await onTerminal(dir, ['task', 'log'], { env })
    assert.match(screen, `no ${SHOWN}`)
  })
})

printed('data in a pipe or a file is exact outside of a CI', () =>
  withName(`${COMMAND} ${STEERING} ##[x]`, 4, async ({ dir, run, here, env }) => {
    const exact = `${COMMAND} ${STEERING} ##[x]`
    assert.is((await run(['task', 'text'], { env })).stdout, `${exact}\n`)
    assert.ok((await here(['task', 'rows', '--format', 'csv'], { env })).stdout.startsWith(`name,other\n"${exact}"`))
    assert.is(JSON.parse((await here(['task', 'rows'], { env })).stdout).name, exact)
    await here(['task', 'rows', '--format', 'csv', '--out', join(dir, 'x.csv')], {
      env: { ...env, GITHUB_ACTIONS: 'true' },
    })
    assert.ok(readFileSync(join(dir, 'x.csv'), 'utf8').startsWith(`name,other\n"${exact}"`))
  }),
)

/** Nobody answers there, so that each of the first two ends with a failure. */
const IN_CI = ['log,confirm', 'throw', 'log,text', ...FORMATS]
for (const ci of [{ GITHUB_ACTIONS: 'true', CI: 'true' }, { TF_BUILD: 'True' }]) {
  printed(`nothing that a server says is a command in a CI: ${Object.keys(ci)}`, () =>
    withName(
      `${COMMAND}\n ::add-mask::x\r##[add-mask]y ##vso[task.setvariable]z`,
      IN_CI.length,
      async ({ run, here, env }) => {
        for (const way of IN_CI) {
          const { stdout, stderr } = await (way === 'log,text' ? run : here)(['task', ...way.split(' ')], {
            env: { ...env, ...ci },
          })
          const commands = stderr.split('\n').filter((line) => /^::(error title=[^:]*|add-mask)::/.test(line))
          const rest = stderr.split('\n').filter((line) => !commands.includes(line))
          assert.not.match(rest.join('\n'), EXECUTED, way)
          assert.not.match(stdout, EXECUTED, way)
          assert.not.match(stdout, /\r\s*::/, way)
          if (way === 'rows --format json') assert.match(JSON.parse(stdout)[0].name, /##\[add-mask\]y/)
          if (way === 'log,text') assert.match(stdout, '\\u003a:set-output name=x::y\n \\u003a:add-mask::x')
        }
      },
    ),
  )
}

printed('the token is announced to the runner of GitHub Actions, and never written to a file', async () => {
  if (!HAS_SH) return notRun('the file is made by a POSIX shell')
  await withName('x', 2, async ({ dir, run, env }) => {
    const actions = { ...env, GITHUB_ACTIONS: 'true', CI: 'true' }
    assert.match((await run(['task', 'log'], { env: actions })).stderr, `::add-mask::${TOKEN_TEXT}\n`)
    const entry = 'runtime/cli/wfg.mjs'
    const start = ['/bin/sh', '-c', 'exec "$@" 2>log.txt', 'sh', process.execPath, ...runtimeArgs(entry)]
    await run(['task', 'log'], { env: actions, entry, command: start })
    assert.is(readFileSync(join(dir, 'log.txt'), 'utf8'), 'x\n')
  })
})

printed.run()
