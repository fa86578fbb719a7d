/** The launcher on Node 20, which has no loader of TypeScript in the way: a team's files give what they give by tsx. */
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from '../_cli.ts'
import { type Clone, clone } from '../_clone.ts'
import { LINKS } from '../_links.ts'
import { needs, notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../_not_run.ts'
import { RUNTIME, runtimeArgs, STRIPS_TYPES } from '../_runtime.ts'
import { settingsFor } from '../cli/_configured.ts'

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
  common ??= cloneWithoutSandbox()
  const { dir, write } = common
  const folders = ['scripts', join('node_modules', '.cache', 'wfg', 'typescript')]
  for (const path of [...folders, '.env']) rmSync(join(dir, path), { recursive: true, force: true })
  for (const path of ['scripts', 'tsconfig.json']) cpSync(join(REPOSITORY, path), join(dir, path), { recursive: true })
  for (const [path, content] of Object.entries(files)) write(path, content)
  await action(common)
}

/** Without the largest packages it is prepared in half the time. */
function cloneWithoutSandbox(): Clone {
  const made = clone()
  if (LINKS.folder)
    for (const name of ['oidc-provider', 'jose', 'graphql-yoga'])
      rmSync(join(made.dir, 'node_modules', name), { recursive: true })
  return made
}

/** Runs the script by the launcher. */
function launch({ dir, run }: Clone) {
  return run(argsOf(dir), { ...LAUNCHER, cwd: dir, env: SETTINGS })
}

function runByTsx({ dir, run }: Clone) {
  return run(argsOf(dir), { command: [process.execPath, ...runtimeArgs()], env: SETTINGS })
}

function argsOf(dir: string): string[] {
  return ['run', join(dir, 'scripts', 'x.ts'), '--quiet']
}

/** A run that may write needs a server, even if it sends nothing. */
const { WFG_TOKEN_CACHE: _, ...SETTINGS } = settingsFor({ url: 'http://127.0.0.1:9' })

function folderOf({ dir }: Clone): string {
  return join(dir, 'node_modules', '.cache', 'wfg', 'typescript')
}

/** Compiled files that are kept. */
function compiled(made: Clone): string[] {
  const folder = folderOf(made)
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
      const [launched, byTsx] = [await launch(made), await runByTsx(made)]
      assert.equal([launched.status, launched.stdout, launched.stderr], [0, byTsx.stdout, byTsx.stderr])
      // What was compiled gives the same.
      if (lines === 4) assert.equal(await launch(made), launched)
      assert.is(launched.stdout.split('\n').length, lines + 1, launched.stdout)
      assert.ok(compiled(made).length > 0)
    }),
  )
}

hooks('an error has its file and line: a syntax error, one that is thrown, a missing file', () =>
  withScript(
    {
      'scripts/_syntax.ts': "import '#wfg'\n\nconst x: = 3\n",
      'scripts/_missing.ts': "import './_nowhere.ts'\n",
      'scripts/x.ts': `interface Gone {
  readonly a: string
}
const tell = (error: Error) => console.error(error.stack)
await import('./_syntax.ts').catch(tell)
await import('./_missing.ts').catch(tell)
throw new RangeError('on line seven')
`,
    },
    async (made) => {
      const [launched, byTsx] = [await launch(made), await runByTsx(made)]
      assert.is(launched.status, byTsx.status)
      for (const expected of [
        /scripts[\\/]_syntax\.ts:3:9/,
        /_nowhere\.ts/,
        /failed: RangeError: on line seven\n.*scripts[\\/]x\.ts:7:7/,
      ]) {
        assert.match(launched.stderr, expected)
        assert.match(byTsx.stderr, expected)
      }
    },
  ),
)

hooks('a file that has changed is compiled anew', () =>
  withScript({ 'scripts/x.ts': "console.log('before' as string)" }, async (made) => {
    assert.is((await launch(made)).stdout, 'before\n')
    made.write('scripts/x.ts', "console.log('after!' as string)")
    assert.is((await launch(made)).stdout, 'after!\n')
  }),
)

hooks('nobody sees that what was compiled is cut or empty, and it is made anew', () =>
  withScript(
    {
      'scripts/x.ts': "import './_first.ts'\nconsole.log('second' as string)\n",
      'scripts/_first.ts': "console.log('first' as string)\n",
    },
    async (made) => {
      const launched = await launch(made)
      assert.is(launched.stdout, 'first\nsecond\n')
      const files = compiled(made).map((name) => join(folderOf(made), name))
      const contents = () => files.map((file) => readFileSync(file, 'utf8'))
      const before = contents()
      const lengths = [0, 24, -1]
      assert.ok(files.length >= lengths.length)
      for (const [index, file] of files.entries())
        writeFileSync(file, before[index]!.slice(0, lengths[index % lengths.length]))
      assert.equal(await launch(made), launched)
      assert.equal(contents(), before)
    },
  ),
)

hooks('what another user may have put among the compiled files is not run', () =>
  withScript({ 'scripts/x.ts': "console.log('first' as string)\n" }, async (made) => {
    if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
    const launched = await launch(made)
    const files = compiled(made).map((name) => join(folderOf(made), name))
    const code = "console.log('planted')\n"
    const sum = createHash('sha256').update(code).digest('hex').slice(0, 32)
    for (const file of files) writeFileSync(file, code + sum)
    chmodSync(folderOf(made), 0o777)
    assert.equal(await launch(made), launched, 'its folder is open')
    chmodSync(folderOf(made), 0o700)
    assert.match((await launch(made)).stdout, 'planted', 'without the change it would have run')
    for (const file of files) chmodSync(file, 0o666)
    assert.equal(await launch(made), launched, 'the files are open')
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
    },
  ),
)

hooks.run()
