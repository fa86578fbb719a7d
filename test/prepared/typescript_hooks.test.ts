/** The launcher on Node 20, which has no loader of TypeScript in the way: a team's files give what they give by tsx. */
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from '../_cli.ts'
import { type Clone, clone } from '../_clone.ts'
import { needs, notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../_not_run.ts'
import { RUNTIME, runtimeArgs, STRIPS_TYPES } from '../_runtime.ts'

const hooks = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('prepared/typescript_hooks'))

const LAUNCHER = { entry: 'runtime/cli/wfg.mjs' }

/** One for all tests: each new one is prepared anew. */
let common: Clone | undefined
hooks.after(() => common?.cleanup())

/** Nothing is compiled yet; and these are the only files that the repository does not have. */
async function withScript(
  files: Readonly<Record<string, string>>,
  action: (made: Clone) => Promise<void>,
): Promise<void> {
  if (RUNTIME !== 'node' || STRIPS_TYPES) return notRun('only Node 20 needs hooks to take TypeScript')
  common ??= clone()
  const { dir, write } = common
  const folders = ['scripts', join('node_modules', '.cache', 'wfg', 'typescript')]
  for (const path of [...folders, '.env']) rmSync(join(dir, path), { recursive: true, force: true })
  for (const path of ['scripts', 'tsconfig.json']) cpSync(join(REPOSITORY, path), join(dir, path), { recursive: true })
  for (const [path, content] of Object.entries(files)) write(path, content)
  await action(common)
}

/** Runs the script by the launcher. */
function launch({ dir, run }: Clone, script = 'scripts/x.ts') {
  return run(argsOf(dir, script), { ...LAUNCHER, cwd: dir })
}

function runByTsx({ dir, run }: Clone, script = 'scripts/x.ts') {
  return run(argsOf(dir, script), { command: [process.execPath, ...runtimeArgs()] })
}

function argsOf(dir: string, script: string): string[] {
  return ['run', join(dir, script), '--profile', 'sandbox', '--quiet']
}

/** Compiled files that are kept. */
function compiled({ dir }: Clone): string[] {
  const folder = join(dir, 'node_modules', '.cache', 'wfg', 'typescript')
  return existsSync(folder) ? readdirSync(folder) : []
}

for (const [title, files, lines] of [
  [
    'types and more, shared files by each ending, files of one name, data, a CommonJS file, and a package',
    {
      'scripts/x.ts': `import './_types.ts'
import './_sharing.ts'
import './_names/x.ts'
import * as v from 'valibot'
import data, { name } from './_data.json'
import old from './_old.cjs'
const later = await import('./_later.ts')
console.log(data.name, name, old.name, typeof v.object, later.default, import.meta.url.endsWith('/scripts/x.ts'))`,
      'scripts/_types.ts': `import '#wfg'
enum Color { Red = 'red' }
class Point { constructor(readonly x: number) {} }
const given = { color: Color.Red } satisfies Record<string, unknown>
console.log(given.color, new Point(3).x as number, <string>'ü€😀')`,
      'scripts/_shared.ts': "export const shared: string = 'shared'\n",
      'scripts/_folder/index.ts': "export const inFolder: string = 'folder'\n",
      'scripts/_sharing.ts': `import { shared } from './_shared.ts'
import { shared as bare } from './_shared'
import { shared as js } from './_shared.js'
import { inFolder } from './_folder'
console.log(shared, bare, js, inFolder)`,
      'scripts/_names/_both.ts': "export const both: string = 'source'\n",
      'scripts/_names/_both.js': "export const both = 'stale'\n",
      'scripts/_names/_module.mts': "export const module: string = 'mts'\n",
      'scripts/_names/_module.mjs': "export const module = 'stale'\n",
      'scripts/_names/_elements.tsx': "export const elements: string = 'tsx'\n",
      'scripts/_names/_plain.js': "export const plain = 'js'\n",
      'scripts/_names/_data.json': '{"name":"data"}',
      'scripts/_names/_folder/index.js': "export const inFolder = 'folder'\n",
      'scripts/_names/x.ts': `import { both } from './_both.js'
import { both as again } from './_both.js?again'
import { module } from './_module.mjs'
import { elements } from './_elements'
import { elements as jsx } from './_elements.jsx'
import { plain } from './_plain'
import { name } from './_data'
import { inFolder } from './_folder'
console.log(both, again, module, elements, jsx, plain, name, inFolder)`,
      'scripts/_data.json': '{"name":"data"}',
      'scripts/_old.cjs': "module.exports = { name: 'old' }",
      'scripts/_later.ts': "export default 'later' as string",
    },
    4,
  ],
  [
    'an import for its effects alone, by the rules of tsconfig.json, and a file with elements',
    {
      'tsconfig.json': '{ "compilerOptions": { /* both */ "verbatimModuleSyntax": true, "target": "es2020", }, }',
      'scripts/_effects.ts': "console.log('effects')\nexport const unused = 1\n",
      'scripts/_elements.tsx': "export default 'elements' as string\n",
      'scripts/x.ts': `import { unused } from './_effects.ts'
import elements from './_elements.tsx'
class Base { constructor() { Object.defineProperty(this, 'x', { set: () => console.log('set') }) } }
class Derived extends Base { x = 1 }
new Derived()
console.log(elements)`,
    },
    3,
  ],
] as const) {
  hooks(`${title} give by the launcher what they give by tsx`, () =>
    withScript(files, async (made) => {
      const [launched, again, byTsx] = [await launch(made), await launch(made), await runByTsx(made)]
      assert.equal([launched.status, launched.stdout, launched.stderr], [0, byTsx.stdout, byTsx.stderr])
      assert.equal(again, launched)
      assert.is(launched.stdout.split('\n').length, lines + 1, launched.stdout)
      assert.ok(compiled(made).length > 0)
    }),
  )
}

hooks('an error has its file and line: a syntax error, one that is thrown, a missing file', () =>
  withScript(
    {
      'scripts/syntax.ts': "import '#wfg'\n\nconst x: = 3\n",
      'scripts/thrown.ts': "interface Gone {\n  readonly a: string\n}\n\nthrow new RangeError('on line five')\n",
      'scripts/missing.ts': "import './_nowhere.ts'\n",
    },
    async (made) => {
      for (const [script, expected] of [
        ['scripts/syntax.ts', /scripts[\\/]syntax\.ts:3:9/],
        ['scripts/thrown.ts', /RangeError: on line five\n.*scripts[\\/]thrown\.ts:5:7/],
        ['scripts/missing.ts', /_nowhere\.ts/],
      ] as const) {
        const [launched, byTsx] = [await launch(made, script), await runByTsx(made, script)]
        assert.is(launched.status, byTsx.status)
        assert.match(launched.stderr, expected)
        assert.match(byTsx.stderr, expected)
      }
    },
  ),
)

hooks('a file that has changed is compiled anew', () =>
  withScript({ 'scripts/x.ts': "console.log('before' as string)" }, async (made) => {
    assert.is((await launch(made)).stdout, 'before\n')
    assert.is((await launch(made)).stdout, 'before\n')
    made.write('scripts/x.ts', "console.log('after!' as string)")
    assert.is((await launch(made)).stdout, 'after!\n')
  }),
)

hooks('nobody sees that what was compiled is cut or empty, and it is made anew', () =>
  withScript({ 'scripts/x.ts': "console.log('first' as string)\nconsole.log('second' as string)\n" }, async (made) => {
    const launched = await launch(made)
    assert.is(launched.stdout, 'first\nsecond\n')
    const files = compiled(made).map((name) => join(made.dir, 'node_modules', '.cache', 'wfg', 'typescript', name))
    const contents = () => files.map((file) => readFileSync(file, 'utf8'))
    const before = contents()
    for (const length of [0, 24, -1]) {
      for (const [index, file] of files.entries()) writeFileSync(file, before[index]!.slice(0, length))
      assert.equal(await launch(made), launched)
      assert.equal(contents(), before)
    }
  }),
)

hooks('what another user may have put among the compiled files is not run', () =>
  withScript({ 'scripts/x.ts': "console.log('first' as string)\n" }, async (made) => {
    if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
    const launched = await launch(made)
    const folder = join(made.dir, 'node_modules', '.cache', 'wfg', 'typescript')
    const plant = () => {
      const code = "console.log('planted')\n"
      const sum = createHash('sha256').update(code).digest('hex').slice(0, 32)
      for (const name of compiled(made)) writeFileSync(join(folder, name), code + sum)
    }
    for (const change of [
      () => chmodSync(folder, 0o777),
      () => {
        for (const name of compiled(made)) chmodSync(join(folder, name), 0o666)
      },
    ]) {
      await launch(made)
      change()
      plant()
      assert.equal(await launch(made), launched)
      rmSync(folder, { recursive: true })
    }
    await launch(made)
    plant()
    assert.match((await launch(made)).stdout, 'planted', 'without the change it would have run')
  }),
)

hooks('a tsconfig.json that only tsx follows is followed, and with WFG_TOKEN_CACHE=off nothing is kept', () =>
  withScript(
    {
      'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@team/*": ["./scripts/_team/*"] } } }',
      'scripts/_team/name.ts': "export const name: string = 'team'\n",
      'scripts/x.ts': "import { name } from '@team/name'\nconsole.log(name)",
    },
    async (made) => {
      assert.equal([(await launch(made)).stdout, compiled(made)], ['team\n', []])
      made.write('tsconfig.json', '{}')
      made.write('.env', 'WFG_TOKEN_CACHE=off\n')
      made.write('scripts/x.ts', "console.log('off' as string)")
      assert.equal([(await launch(made)).stdout, compiled(made)], ['off\n', []])
      made.write('.env', '')
      assert.equal([(await launch(made)).stdout, compiled(made).length > 0], ['off\n', true])
    },
  ),
)

hooks.run()
