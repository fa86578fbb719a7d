import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkRuntime, checkScript, checkTest, checkTree } from './_architecture.ts'
import { REPOSITORY } from './_cli.ts'

const architecture = suite('architecture')

architecture('runtime/ keeps to its layers, leaves ambient things to the host, and has erasable syntax', () => {
  const paths = sources('runtime')
  assert.ok(paths.length >= 40, `looked at ${paths.length} files`)
  assert.ok(paths.includes('runtime/host/host.ts'))
  assert.equal(
    paths.flatMap((path) => checkRuntime(path, read(path))),
    [],
  )
})

architecture('runtime/ has no circle of imports, types included, and no crowded folder', () => {
  assert.equal(checkTree(new Map(sources('runtime').map((path) => [path, read(path)]))), [])
})

architecture('checkTree() finds a circle of types, and a folder with too many files', () => {
  const circle = new Map([
    ['runtime/core/a.ts', `import type { B } from './b.ts'`],
    ['runtime/core/b.ts', `import type { C } from './c.ts'`],
    ['runtime/core/c.ts', `import type { A } from './a.ts'`],
    ['runtime/core/d.ts', `import type { A } from './a.ts'`],
  ])
  assert.equal(checkTree(circle), [
    'these import each other in a circle: runtime/core/a.ts, runtime/core/b.ts, runtime/core/c.ts',
  ])
  const crowd = new Map(Array.from({ length: 18 }, (_, index) => [`runtime/core/${index}.ts`, '']))
  assert.equal(checkTree(crowd), ['runtime/core has 18 files; a folder holds at most 17'])
})

architecture('tasks.ts and scripts/ import only what is public', () => {
  const paths = ['tasks.ts', ...sources('scripts')]
  assert.ok(paths.length >= 2, `looked at ${paths.length} files`)
  assert.equal(
    paths.flatMap((path) => checkScript(path, read(path))),
    [],
  )
})

architecture('every test file ends by running its suite', () => {
  const paths = sources('test').filter((path) => path.endsWith('.test.ts'))
  assert.ok(paths.length >= 6, `looked at ${paths.length} files`)
  assert.equal(
    paths.flatMap((path) => checkTest(path, read(path))),
    [],
  )
})

/** Title, file, source, and how the violation is told. */
const CAUGHT: readonly (readonly [path: string, source: string, told: string])[] = [
  // import direction
  [
    'runtime/auth/x.ts',
    `import { a } from '../graphql/a.ts'`,
    'runtime/auth/x.ts:1 imports "../graphql/a.ts": auth is below graphql',
  ],
  ['runtime/auth/x.ts', `import type { A } from '../tasks/a.ts'`, 'auth is below tasks'],
  ['runtime/graphql/x.ts', `export { a } from '../tasks/a.ts'`, 'graphql is below tasks'],
  ['runtime/graphql/x.ts', `export * from '../tasks/a.ts'`, 'graphql is below tasks'],
  ['runtime/graphql/deep/x.ts', `import '../../tasks/a.ts'`, 'graphql is below tasks'],
  ['runtime/graphql/x.ts', `const a = await import('../tasks/a.ts')`, 'graphql is below tasks'],
  ['runtime/graphql/x.ts', `type A = import('../tasks/a.ts').A`, 'graphql is below tasks'],
  ['runtime/settings/x.ts', `import {\n  a,\n  b,\n} from '../auth/a.ts'`, 'settings is below auth'],
  ['runtime/core/x.ts', `import type { Host } from '../host/host.ts'`, 'core is below host'],
  ['runtime/settings/x.ts', `import { a } from '../transport/a.ts'`, 'settings and transport are on one floor'],
  ['runtime/queue/x.ts', `import type { A } from '../doctor/a.ts'`, 'queue and doctor are on one floor'],
  ['runtime/tasks/x.ts', `import { wfg } from '../mod.ts'`, 'tasks is below runtime/mod.ts'],
  ['runtime/tasks/x.ts', `import { main } from './mod.ts'`, 'tasks is below runtime/tasks/mod.ts'],
  ['runtime/cli/x.ts', `import { compose } from '../compose.ts'`, 'cli is below runtime/compose.ts'],
  ['runtime/cli/x.ts', `import { wfg } from '#wfg'`, 'the runtime does not import its own public names'],
  ['runtime/other/x.ts', `import { a } from '../core/errors.ts'`, 'runtime/other/x.ts is in no room'],
  // what only the composition file loads
  ['runtime/tasks/x.ts', `const a = await import('../cli/a.ts')`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/doctor/x.ts', `import type { A } from '../cli/a.ts'`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/compose.ts', `import { a } from './cli/a.ts'`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/mod.ts', `import type { a } from './sandbox/a.ts'`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/cli/x.ts', `import { a } from '../sandbox/a.ts'`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/sandbox/x.ts', `import { a } from '../cli/a.ts'`, 'only runtime/compose.ts loads it, by import()'],
  ['runtime/sandbox/x.ts', `import { a } from '../graphql/a.ts'`, 'sandbox is below graphql'],
  // outside
  ['runtime/tasks/x.ts', `import x from '../../scripts/x.ts'`, 'the runtime imports nothing outside of it'],
  ['runtime/compose.ts', `await import('../tasks.ts')`, 'the runtime imports nothing outside of it'],
  // ambient names
  ['runtime/settings/config.ts', `const a = process.env['A']`, 'touches `process.env`: that is for the host'],
  ['runtime/settings/config.ts', `import process from 'node:process'`, 'imports "node:process": that is for the host'],
  ['runtime/settings/config.ts', `import { setTimeout } from 'node:timers/promises'`, 'imports "node:timers/promises"'],
  ['runtime/settings/config.ts', `console.log(1)`, 'touches `console.`'],
  ['runtime/settings/config.ts', `const a = Date.now()`, 'touches `Date.now`'],
  ['runtime/settings/config.ts', `const a = new Date()`, 'touches `new Date()`'],
  ['runtime/settings/config.ts', `setTimeout(a, 1)`, 'touches `setTimeout`'],
  ['runtime/settings/config.ts', `const a = \`\${performance.now()}\``, 'touches `performance.`'],
  ['runtime/settings/config.ts', `const a = Math.random()`, 'touches `Math.random`'],
  ['runtime/settings/config.ts', `const a = globalThis.fetch`, 'touches `globalThis`'],
  ['runtime/settings/config.ts', `const a = await fetch(url)`, 'touches `fetch('],
  // form
  ['runtime/settings/config.ts', `import { a } from './errors'`, 'imports "./errors" without its extension'],
  ['runtime/settings/config.ts', `export enum A {\n  b,\n}`, 'has an enum'],
  ['runtime/settings/config.ts', `namespace A {\n}`, 'has a namespace'],
  [
    'runtime/settings/config.ts',
    `class A {\n  constructor(private readonly b: string) {}\n}`,
    'has a parameter property',
  ],
  ['runtime/utils.ts', ``, 'runtime/utils.ts: a file is named after its subject'],
  ['runtime/tasks/index.ts', ``, 'a file is named after its subject'],
]

for (const [path, source, told] of CAUGHT) {
  architecture(`checkRuntime() catches in ${path}: ${source.replaceAll('\n', ' ')}`, () => {
    assert.match(checkRuntime(path, source).join('\n'), told)
  })
}

const ALLOWED: readonly (readonly [path: string, source: string])[] = [
  [
    'runtime/cli/x.ts',
    `import { a } from '../tasks/a.ts'\nimport { b } from './b.ts'\nimport { c } from '../core/errors.ts'`,
  ],
  [
    'runtime/compose.ts',
    `await import('./cli/a.ts')\nawait import('./sandbox/mod.ts')\nimport { a } from './tasks/a.ts'`,
  ],
  ['runtime/mod.ts', `export { compose } from './compose.ts'\nexport { a } from './graphql/a.ts'`],
  ['runtime/testing/mod.ts', `export { fakeWfg } from './fake_wfg.ts'`],
  ['runtime/host/host.ts', `import process from 'node:process'\nprocess.exitCode = Date.now()`],
  ['runtime/settings/config.ts', `// process.env and console.log\n/* import '../scripts/x.ts' */`],
  [
    'runtime/settings/config.ts',
    `const a = 'console.log(1)'\nconst b = \`import x from '../../scripts/x.ts'\n\${c}process.env\``,
  ],
  ['runtime/settings/config.ts', `const a = /console.log['"\`]/.test(b)\nconst c = d / 2 // '\nconst e = f / g`],
  [
    'runtime/settings/config.ts',
    `const a = new Date(b)\nconst c = host.fetch(d)\nhost.setTimeout(e)\nconst { process } = action\nprocess.name`,
  ],
  ['runtime/transport/x.ts', `type A = typeof globalThis.fetch\ntype B = typeof process.getBuiltinModule`],
]
for (const [path, source] of ALLOWED) {
  architecture(`checkRuntime() allows in ${path}: ${source.replaceAll('\n', ' ')}`, () => {
    assert.equal(checkRuntime(path, source), [])
  })
}

architecture('checkScript() catches imports of what is not public, and allows the rest', () => {
  const script = (source: string) => checkScript('scripts/x.ts', source).length
  assert.is(script(`import { a } from '../runtime/core/errors.ts'`), 1)
  assert.is(script(`import { a } from '#wfg/host'`), 1)
  assert.is(script(`import { a } from './other.ts'`), 1)
  assert.is(script(`import { a } from '../tasks.ts'`), 1)
  assert.is(script(`import { a } from '../test/_x.ts'`), 1)
  assert.is(script(`import { a } from './_shared.ts'\nimport { wfg } from '#wfg'\nimport * as v from 'valibot'`), 0)
  assert.is(checkScript('tasks.ts', `import { defineTasks } from '#wfg/tasks'`).length, 0)
  assert.is(checkScript('tasks.ts', `import x from './scripts/x.ts'`).length, 1)
})

architecture('checkTest() catches a file that goes on after its suite was run', () => {
  assert.is(checkTest('test/x.test.ts', `x.run()\nx('lost', () => {})\n`).length, 1)
  assert.is(checkTest('test/x.test.ts', `x('found', () => {})\n\nx.run()\n`).length, 0)
})

function sources(folder: string): string[] {
  const root = join(REPOSITORY, folder)
  if (!existsSync(root)) return []
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        /\.(ts|mjs)$/.test(path) && !path.split(sep).some((part) => part === 'fixtures' || part.startsWith('.')),
    )
    .map((path) => `${folder}/${path.replaceAll(sep, '/')}`)
    .sort()
}

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8')
}

architecture.run()
