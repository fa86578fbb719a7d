import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../runtime/core/visible.ts'
import { isGuarded } from '../../runtime/script/script_file.ts'
import { type CliOptions, type CliResult, project, TOOL } from '../_cli.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { node24 } from '../_node24.ts'
import { needs, notRun } from '../_not_run.ts'
import { commandOf, programOf, RUNTIME, STRIPS_TYPES } from '../_runtime.ts'
import { withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'

const main = suite('script/main_module')
const linked = needs(LINKS.file, NO_LINKS, main)

const GUARDED = `#!/usr/bin/env -S deno run -A
import '#wfg'
import data from './lib/data.json' with { type: 'json' }
import { lib } from './lib/lib.ts'

async function work(): Promise<void> {
  await 0
  console.log('works', data.a, lib, process.argv.slice(2).join())
}

if (import.meta.main) await work()
`
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  guarded: { script: './scripts/guarded.ts', access: 'read' },
  after: { script: './scripts/after.ts', access: 'read', needs: ['guarded'] },
})
await main(import.meta, tasks)`,
  'scripts/guarded.ts': GUARDED,
  'scripts/after.ts': "import { defineScript } from '#wfg'\nexport default defineScript({ run: () => 'after' })",
  'scripts/lib/lib.ts': "export const lib: string = 'lib'\nif (import.meta.main) console.log('not the program')\n",
  'scripts/lib/data.json': '{ "a": 1 }',
  'scripts/taken.ts': `import { wfg } from '#wfg'
const { main } = import.meta
if (main) console.log('works', (await wfg\`query { viewer { userName } }\`).viewer.userName)
`,
  'scripts/fallback.ts': "import '#wfg'\nif (import.meta.main ?? true) console.log('works')\n",
}
const WORKS = 'works 1 lib a,b\n'

/** A flag of the tool, which the file does not see. */
const FLAG = ['--timeout', '600']

type Start = (args: readonly string[], options?: CliOptions) => Promise<CliResult>

/** Of a server that only one of the files asks. */
const SETTINGS = settingsFor({ url: 'http://127.0.0.1:9' })

async function inProject(action: (start: Start, dir: string) => Promise<void>): Promise<void> {
  const { dir, run, cleanup } = project(FILES)
  try {
    await action((args, options = {}) => run(args, { ...options, env: { ...SETTINGS, ...options.env } }), dir)
  } finally {
    cleanup()
  }
}

main('a plain file under import.meta.main runs by `run`, by its name, by the launcher and by a link', () =>
  inProject(async (start, dir) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    symlinkSync('guarded.ts', join(dir, 'scripts', 'linked.ts'))
    // Others are started by the launcher.
    const plain = RUNTIME === 'node' ? { command: commandOf('node')! } : {}
    const starts: [string[], CliOptions?][] = [
      [['run', 'scripts/guarded.ts', 'a', 'b', ...FLAG]],
      [['guarded', 'a', 'b', ...FLAG], plain],
      [['run', 'scripts/linked.ts', 'a', 'b', ...FLAG]],
    ]
    for (const [args, options] of starts) {
      const { status, stdout, stderr } = await start(args, options)
      assert.equal([stdout, status], [WORKS, 0], stderr)
    }
    await withServer([TOKEN, { body: { data: { viewer: { userName: 'john' } } } }], async (server) => {
      const { status, stdout } = await start(['run', 'scripts/taken.ts', ...FLAG], { env: settingsFor(server) })
      assert.equal([stdout, status], ['works john\n', 0])
    })
  }),
)

linked('a plain file under import.meta.main runs when a task needs it', () =>
  inProject(async (start) => {
    const { status, stdout, stderr } = await start(['after', ...FLAG])
    assert.equal([stdout, status], ['after\n', 0], stderr)
    assert.match(stderr, /^works 1 lib/m)
  }),
)

linked('a plain file under import.meta.main runs on Node 24 and on Deno, however it is started', async () => {
  const node = await node24()
  const deno = programOf('deno')
  if (!node || !deno) return notRun('the same on the other runtimes needs the npm registry and deno')
  await inProject(async (start) => {
    const env = { DENO_NO_UPDATE_CHECK: '1' }
    for (const command of [[node], [deno, 'run', '-A', '--no-prompt']]) {
      for (const entry of ['tasks.ts', 'scripts/guarded.ts']) {
        const first = entry === 'tasks.ts' ? ['run', 'scripts/guarded.ts'] : []
        const result = await start([...first, 'a', 'b', ...FLAG], { entry, command, env })
        assert.equal([result.stdout, result.status], [WORKS, 0], result.stderr)
      }
    }
  })
})

main('a plain file under import.meta.main that is started directly runs, or is refused before it does anything', () =>
  inProject(async (start, dir) => {
    const { status, stdout, stderr } = await start(['a', 'b', ...FLAG], { entry: 'scripts/guarded.ts' })
    const path = join(dir, 'scripts', 'guarded.ts')
    const refusal = `error: Cannot run ${quotedPath(path)}: it works only if import.meta.main is true, and this version of Node does not have it; remove that condition, start it with \`${TOOL.replace('npx wfg', 'npx tsx tasks.ts')} run ${join('scripts', 'guarded.ts')}\`, or use Node 24.\n`
    const isKnown = RUNTIME !== 'node' || STRIPS_TYPES
    assert.equal([stdout, status], isKnown ? [WORKS, 0] : ['', 2], stderr)
    if (!isKnown) assert.is(stderr, refusal)
    const own = await start([], { entry: 'scripts/fallback.ts' })
    assert.equal([own.stdout, own.stderr, own.status], ['works\n', '', 0])
  }),
)

main('a plain file of CommonJS, where import.meta.main cannot be set, is refused', () => {
  if (RUNTIME !== 'node') return notRun('only Node takes a TypeScript file without "type": "module" for CommonJS')
  return inProject(async (start, dir) => {
    mkdirSync(join(dir, 'scripts', 'old'))
    writeFileSync(join(dir, 'scripts', 'old', 'package.json'), '{ "type": "commonjs" }')
    writeFileSync(join(dir, 'scripts', 'old', 'old.ts'), "if (import.meta.main) console.log('works')\n")
    const args = ['run', 'scripts/old/old.ts', ...FLAG]
    // The launcher sets it.
    const { status, stdout, stderr } = await start(args, { command: commandOf('node')! })
    assert.equal([stdout, status], ['', 2], stderr)
    assert.match(stderr, STRIPS_TYPES ? 'lacks the import "#wfg"' : 'it works only if import.meta.main is true')
    assert.match(stderr, STRIPS_TYPES ? '"type": "module"' : 'remove that condition')
  })
})

main('isGuarded() tells a condition from a comment, a comparison, a fallback and a definition', () => {
  const guarded = [
    'if (import.meta.main) work()',
    'if (!import.meta.main) process.exit(1)',
    'const { main, url } = import.meta',
    'import.meta.main && work()',
  ]
  const others = [
    '// if (import.meta.main)',
    "console.log('import.meta.main')",
    'if (import.meta.main === undefined) work()',
    'if (import.meta.main ?? isProgram(import.meta.url)) work()',
    'const { url } = import.meta; main()',
    'export default defineScript({ run() {} })\nif (import.meta.main) work()',
  ]
  assert.equal([guarded.filter(isGuarded), others.filter(isGuarded)], [guarded, []])
})

main.run()
