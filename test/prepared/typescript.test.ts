/** The launcher on Node 20, which has no loader of TypeScript in the way: a team's files give what they give by tsx. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { crc32 } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from '../_cli.ts'
import { type Clone, clone } from '../_clone.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { needs, notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../_not_run.ts'
import { RUNTIME, runtimeArgs, STRIPS_TYPES } from '../_runtime.ts'
import { settingsFor } from '../cli/_configured.ts'

const typescript = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('prepared/typescript'))

const LAUNCHER = { entry: 'runtime/cli/wfg.mjs' }

/** One for all tests: each new one is prepared anew. */
let common: Clone | undefined
typescript.after(() => common?.cleanup())

/** Nothing is compiled yet; and these are the only files that the repository does not have. */
async function withScript(
  files: Readonly<Record<string, string>>,
  action: (made: Clone) => Promise<void>,
): Promise<void> {
  if (RUNTIME !== 'node' || STRIPS_TYPES) return notRun('only Node 20 does not run TypeScript')
  common ??= cloneWithoutSandbox()
  const { dir, write } = common
  const folders = ['scripts', join('node_modules', '.cache', 'wfg', 'typescript')]
  for (const path of [...folders, '.env']) rmSync(join(dir, path), { recursive: true, force: true })
  for (const path of ['scripts', 'tsconfig.json', 'package.json'])
    cpSync(join(REPOSITORY, path), join(dir, path), { recursive: true })
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

const PACKAGE = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))

/** A run that may write needs a server, even if it sends nothing. */
const { WFG_TOKEN_CACHE: _, ...SETTINGS } = settingsFor({ url: 'http://127.0.0.1:9' })

function folderOf({ dir }: Clone): string {
  const parent = join(dir, 'node_modules', '.cache', 'wfg', 'typescript')
  const [name = ''] = existsSync(parent) ? readdirSync(parent) : []
  return join(parent, name)
}

/** Compiled files that are kept. */
function compiled(made: Clone): string[] {
  const folder = folderOf(made)
  return existsSync(folder) ? readdirSync(folder) : []
}

for (const [title, files, lines, isKept] of [
  [
    'types and more, files of one name, data, a package, files that import each other, and JavaScript that imports TypeScript',
    {
      'scripts/x.ts': `#!/usr/bin/env -S npx tsx
import { sep } from 'node:path'
import './_types.ts'
import './_names/x.ts'
import './_classes.ts'
import './_a.ts'
import * as v from 'valibot'
import data from './_data.json' with { type: 'json' }
import elements from './_elements.tsx'
const [url, dirname, filename] = [import.meta.url, import.meta.dirname, import.meta.filename]
console.log(data.name, typeof v.object, elements, url.endsWith('/scripts/x.ts'), dirname + sep + 'x.ts' === filename)`,
      'scripts/_types.ts': `import '#wfg'
enum Color { Red = 'red' }
class Point { constructor(readonly x: number) {} }
const given = { color: Color.Red } satisfies Record<string, unknown>
console.log(given.color, new Point(3).x as number, <string>'ü€😀')`,
      'scripts/_names/x.ts': "import { name } from './_a b@+~.mts'\nconsole.log(name)\n",
      'scripts/_names/_a b@+~.mts': "export const name: string = 'name'\n",
      'scripts/_data.json': '{"name":"data"}',
      'scripts/_elements.tsx': "export default 'elements' as string",
      'scripts/_classes.ts': `import Unnamed, { names, seen } from './_circle.ts'
export class Known extends Error { static made = 0; override name = this.constructor.name; twin = () => Known.made }
export const where = () => import.meta.url
export function here() { return [import.meta.filename, where.name, typeof require].join() }
console.log(new Known('told').name, String(new Known('told')), Known.name)
console.log(seen.join(), names().join(), Unnamed.name, here())`,
      'scripts/_circle.ts': `import * as x from './_classes.ts'
export const names = () => [x.Known.name, x.where()]
export default class {}
export const seen: unknown[] = [x.here.name]
try { seen.push(x.Known) } catch (error) { seen.push(String(error)) }`,
      'scripts/_a.ts': "import './_b.mjs'\nconst { resolve } = import.meta\nconsole.log(resolve('./_a.ts'))",
      'scripts/_b.mjs': "import './_c.ts'\n",
      'scripts/_c.ts': "console.log('c' as string)\n",
    },
    7,
    true,
  ],
  [
    'shared files by each ending, data, and a CommonJS file',
    {
      'scripts/x.ts': `import './_sharing.ts'
import './_names/x.ts'
import data, { name } from './_data.json'
import old from './_old.cjs'
console.log(data.name, name, old.name)`,
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
    },
    3,
    false,
  ],
  [
    'an import for its effects alone, by the rules of tsconfig.json, and a file with elements',
    {
      'tsconfig.json': '{ "compilerOptions": { /* both */ "verbatimModuleSyntax": true, "target": "es2020", }, }',
      'package.json': JSON.stringify({ ...PACKAGE, sideEffects: false }),
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
    true,
  ],
  [
    'a file that runs if import.meta.main is true',
    { 'scripts/x.ts': "if (import.meta.main) console.log('main' as string)\n" },
    1,
    false,
  ],
] as const) {
  typescript(`${title} give by the launcher what they give by tsx`, () =>
    withScript(files, async (made) => {
      const [launched, byTsx] = [await launch(made), await runByTsx(made)]
      assert.equal([launched.status, launched.stdout, launched.stderr], [0, byTsx.stdout, byTsx.stderr])
      if (isKept) assert.equal(await launch(made), launched, 'what was compiled')
      assert.is(launched.stdout.split('\n').length, lines + 1, launched.stdout)
      assert.is(compiled(made).includes('scripts~-x.ts.mjs'), isKept)
    }),
  )
}

typescript('a file that has been written since the start is imported as it is now', () =>
  withScript(
    {
      'scripts/x.ts': `import { writeFileSync } from 'node:fs'
writeFileSync(new URL('./_written.ts', import.meta.url), \`export const at: number = \${process.pid}\`)
const { at } = await import('./_written.ts')
console.log(at === process.pid)`,
      'scripts/_written.ts': 'export const at: number = 0\n',
    },
    async (made) => {
      for (const _ of [1, 2]) assert.equal([(await launch(made)).stdout, compiled(made).length > 0], ['true\n', true])
    },
  ),
)

typescript('a script of JavaScript may import TypeScript', () =>
  withScript(
    {
      'scripts/x.js': "import { name } from './_name.ts'\nconsole.log(name)",
      'scripts/_name.ts': "export const name: string = 'ts'\n",
    },
    async ({ dir, run }) => {
      const args = ['run', join(dir, 'scripts', 'x.js'), '--quiet']
      const { stdout, stderr } = await run(args, { ...LAUNCHER, cwd: dir, env: SETTINGS })
      assert.equal([stdout, stderr], ['ts\n', ''])
    },
  ),
)

typescript('a package that only tsx can import, or that becomes so, is imported by tsx', () =>
  withScript(
    {
      'scripts/x.ts':
        "import name from 'of-test/lib/name'\nimport { kind } from 'kind-of-test'\nconsole.log(name, kind as string)",
    },
    async (made) => {
      const packages = ['of-test', 'kind-of-test'].map((name) => join(made.dir, 'node_modules', name))
      made.write('node_modules/of-test/package.json', '{}')
      made.write('node_modules/of-test/lib/name.js', "module.exports = 'name'")
      made.write(
        'node_modules/kind-of-test/package.json',
        '{ "type": "module", "exports": { "import": "./a.ts", "require": "./a.cjs" } }',
      )
      made.write('node_modules/kind-of-test/a.ts', "export const kind: string = 'source'")
      made.write('node_modules/kind-of-test/a.cjs', "exports.kind = 'built'")
      try {
        assert.is((await launch(made)).stdout, 'name source\n')
      } finally {
        for (const each of packages) rmSync(each, { recursive: true })
      }
    },
  ),
)

typescript('an error has its file and line: a syntax error, one that is thrown, a missing file', () =>
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

typescript('an error has its file and line where packages are reached by a link', () =>
  withScript(
    { 'scripts/x.ts': "const name: string = import.meta.url; throw new RangeError('here')\n" },
    async (made) => {
      if (!LINKS.folder) return notRun(NO_LINKS)
      const [packages, moved] = [join(made.dir, 'node_modules'), join(made.dir, 'of', 'all', 'node_modules')]
      mkdirSync(dirname(moved), { recursive: true })
      renameSync(packages, moved)
      symlinkSync(moved, packages, 'junction')
      try {
        assert.match((await launch(made)).stderr, `${join(made.dir, 'scripts', 'x.ts')}:1:45`)
        assert.ok(compiled(made).includes('scripts~-x.ts.mjs'))
      } finally {
        rmSync(packages)
        renameSync(moved, packages)
      }
    },
  ),
)

typescript('a file that has changed is compiled anew, and so is one that it imports', () =>
  withScript(
    {
      'scripts/x.ts': "import { when } from './_when.ts'\nconsole.log(when as string)",
      'scripts/_when.ts': "export const when = 'before'",
    },
    async (made) => {
      assert.is((await launch(made)).stdout, 'before\n')
      made.write('scripts/_when.ts', "export const when = 'after!'")
      assert.is((await launch(made)).stdout, 'after!\n')
      made.write('scripts/x.ts', "console.log('alone' as string)")
      assert.is((await launch(made)).stdout, 'alone\n')
    },
  ),
)

typescript('a module that tasks.ts and a script import is one, and an import by a computed path works', () =>
  withScript(
    {
      'scripts/_state.ts': 'export const state: { from?: string } = {}\n',
      'scripts/x.ts': "import { state } from './_state.ts'\nimport './_computed.ts'\nconsole.log(state.from)",
      'scripts/_computed.ts': '',
    },
    async (made) => {
      const tasks = readFileSync(join(REPOSITORY, 'tasks.ts'), 'utf8')
      const told = "import { state } from './scripts/_state.ts'\nstate.from = 'tasks.ts'\n"
      made.write('tasks.ts', told + tasks)
      try {
        assert.is((await launch(made)).stdout, 'tasks.ts\n')
        made.write('scripts/_computed.ts', "const name = './_other.ts'\nawait import(name)\n")
        made.write('scripts/_other.ts', "console.log('other' as string)\n")
        const [launched, again] = [await launch(made), await launch(made)]
        assert.match(launched.stdout, /^other\n/)
        assert.equal(again, launched)
      } finally {
        made.write('tasks.ts', tasks)
      }
    },
  ),
)

typescript('where an import leads is asked again: by package.json, by a package that is nearer, by a link', () =>
  withScript(
    {
      'scripts/x.ts': "import '#wfg/x'\nimport './team/_valibot.ts'\nimport './_link.ts'\n",
      'scripts/team/_valibot.ts': "import * as v from 'valibot'\nconsole.log('name' in v ? v.name : 'all')\n",
      'scripts/_link.ts': "import './_name.ts'\n",
      'scripts/_name.ts': "console.log('of the link' as string)\n",
      'scripts/_other/_link.ts': "import './_name.ts'\n",
      'scripts/_other/_name.ts': "console.log('of the file' as string)\n",
    },
    async (made) => {
      if (!LINKS.file) return notRun(NO_LINKS)
      for (const name of ['one', 'two']) {
        made.write(`scripts/_${name}.mjs`, `console.log('${name}')\n`)
        const imports = { ...PACKAGE.imports, '#wfg/x': `./scripts/_${name}.mjs` }
        made.write('package.json', JSON.stringify({ ...PACKAGE, imports }))
        assert.is((await launch(made)).stdout, `${name}\nall\nof the link\n`)
      }
      made.write('scripts/team/node_modules/valibot/package.json', '{ "type": "module", "main": "index.js" }')
      made.write('scripts/team/node_modules/valibot/index.js', "export const name = 'own'")
      assert.is((await launch(made)).stdout, 'two\nown\nof the link\n')
      const link = join(made.dir, 'scripts', '_link.ts')
      rmSync(link)
      symlinkSync(join(made.dir, 'scripts', '_other', '_link.ts'), link)
      assert.is((await launch(made)).stdout, 'two\nown\nof the file\n')
    },
  ),
)

typescript('nobody sees that what was compiled is cut or empty, and it is made anew', () =>
  withScript(
    {
      'scripts/x.ts': "import './_first.ts'\nconsole.log('second' as string)\n",
      'scripts/_first.ts': "console.log('first' as string)\n",
    },
    async (made) => {
      const launched = await launch(made)
      assert.is(launched.stdout, 'first\nsecond\n')
      const files = compiled(made).map((name) => join(folderOf(made), name))
      const modules = () => files.filter((file) => file.endsWith('.mjs')).map((file) => readFileSync(file, 'utf8'))
      const before = modules()
      for (const length of [0, 24, -1]) {
        for (const file of files) {
          if (file.endsWith('.json') === (length === 24)) {
            writeFileSync(file, readFileSync(file, 'utf8').slice(0, length))
          }
        }
        assert.equal(await launch(made), launched)
        assert.equal(modules(), before)
      }
    },
  ),
)

typescript('what another user may have put among the compiled files is not run', () =>
  withScript({ 'scripts/x.ts': "console.log('first' as string)\n" }, async (made) => {
    if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
    const launched = await launch(made)
    const module = join(folderOf(made), 'scripts~-x.ts.mjs')
    const kept = JSON.parse(readFileSync(`${module}.json`, 'utf8'))
    /** As if it had been compiled. */
    const plant = (): void => {
      const code = "console.log('planted')\n"
      writeFileSync(module, code)
      writeFileSync(`${module}.json`, JSON.stringify({ ...kept, sum: crc32(code) }))
    }
    plant()
    assert.match((await launch(made)).stdout, 'planted', 'without what follows it would run')
    chmodSync(folderOf(made), 0o777)
    assert.equal(await launch(made), launched, 'its folder is open')
    chmodSync(folderOf(made), 0o700)
    for (const file of [module, `${module}.json`]) {
      rmSync(file)
      writeFileSync(file, '')
      chmodSync(file, 0o666)
      plant()
      assert.equal(await launch(made), launched, `${file} is open`)
    }
  }),
)

typescript('a tsconfig.json that only tsx follows is followed, and with WFG_TOKEN_CACHE=off nothing is kept', () =>
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

typescript.run()
