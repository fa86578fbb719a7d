import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importedModules, parseSource, ScriptSyntaxError, usesGlobal, walk } from '../../runtime/script/source.ts'

const source = suite('script/source')

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are sources
const USES = [
  `Deno.exit(1)`,
  `const [file] = Deno.args`,
  `const all = [...Deno.args]`,
  `const text = await Deno\n  .readTextFile('x')`,
  `if (typeof Deno !== 'undefined') Deno?.exit()`,
  `globalThis.Deno.args`,
  `globalThis?.Deno?.args`,
  `Deno['args']`,
  `const { args, env } = Deno`,
  'console.log(`in ${Deno.cwd()}`)',
  'console.log(`in ${`${ { a: Deno.cwd() }.a }`}`)',
  `const half = a / 2; Deno.exit(half / 2)`,
  `const quote = /'/; Deno.exit()`,
  `const set = /[/'"]/.test(a) && Deno.exit()`,
  `x = y\n/* Deno */ Deno.args // and Deno`,
  'const a = `\\`${b}`; Deno.args',
  `const a = 'it\\'s'; Deno.args`,
  `const a = { b: { c: 1 } }['b'] / 2; Deno.args`,
  `declare const Deno: any; Deno.args`,
  `(Deno as any).args`,
  `function f(Deno) {} Deno.args`,
  `const Deno = globalThis.Deno; Deno.args`,
  `const = Deno.args`,
]
for (const text of USES) {
  source(`usesGlobal() is true for: ${text.replaceAll('\n', ' ')}`, () => assert.is(usesGlobal(text, 'Deno'), true))
}

const WORDS = [
  ``,
  `console.log(1)`,
  `// run it with Deno. Then read Deno.args`,
  `/** Deno.args */ console.log(1)`,
  `console.log('Deno.args')`,
  `console.log("it's Deno.args")`,
  'console.log(`Deno.args ${a} Deno.args`)',
  'console.log(`${`Deno.args`} Deno.args`)',
  `const pattern = /Deno.args/`,
  `const pattern = a.match(/['"]Deno.args/)`,
  `return /Deno.exit/.test(a)`,
  `import { Deno } from 'shim'`,
  `shim.Deno.args`,
  `myDeno.args`,
  `Denominator.args`,
  `$Deno.args`,
  `this.#Deno.args`,
  `typeof Deno`,
  `let stat: Deno.FileInfo`,
  `import { Deno } from 'shim'; Deno.args`,
  `export const { Deno } = shim; Deno.args`,
  `class Deno {} Deno.args`,
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are sources
for (const text of WORDS) {
  source(`usesGlobal() is false for: ${text.replaceAll('\n', ' ')}`, () => assert.is(usesGlobal(text, 'Deno'), false))
}

source('usesGlobal() needs time in proportion to the source, whatever is in it', () => {
  for (const piece of ['/*', '`${', "'", '/', '[/', '\\', '{', '}`', '. ', 'Deno ', '..']) {
    const text = `${piece.repeat(300_000 / piece.length)}Deno`
    const started = performance.now()
    usesGlobal(text, 'Deno')
    const elapsedMs = performance.now() - started
    assert.ok(elapsedMs < 3000, `${JSON.stringify(piece)} took ${Math.round(elapsedMs)} ms`)
  }
})

source(
  'parseSource() reads TypeScript, leaves the types of expressions out, and lets the runtime find errors of meaning',
  () => {
    const text = `import type { A } from './a.ts'
const a = (f<string>('x') satisfies A)! as const
const a = 1
@decorated class B<T> extends C<T> { #x?: T; constructor(private y: string) { super() } }
enum D { E } namespace F { export const g = 1 }
await using h = i()
return <A>a`
    const types = new Set<string>()
    walk(parseSource(text), ({ type }) => types.add(type))
    assert.ok(types.has('CallExpression'))
    assert.equal(
      [...types].filter((type) => /^TS(As|Satisfies|NonNull)|^TSTypeAssertion/.test(type)),
      [],
    )
  },
)

for (const [text, message, at] of [
  ['a `b', 'Unterminated template', 3],
  ["a 'b\n'", 'Unterminated string constant', 2],
  ['/* a', 'Unterminated comment', 0],
  ['a(]', 'Unexpected token', 2],
  ['a)', 'Unexpected token', 1],
] as const) {
  source(`parseSource() reports the syntax error of ${JSON.stringify(text)} and its place`, () => {
    assert.throws(
      () => parseSource(text),
      (error: unknown) => error instanceof ScriptSyntaxError && error.message === message && error.at === at,
    )
  })
}

source('importedModules() finds imports of all forms, and reads them as text from a file with a syntax error', () => {
  const text = `import './a.ts'; import b, { type c } from './b.ts'
export * from './c.ts'; export { d } from './d.ts'
const e = () => import('./e.ts')
// import './not.ts'
`
  const expected = ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts']
  assert.equal(importedModules(text), expected)
  assert.equal(importedModules(`${text.replace(/\/\/.*\n/, '')} const = 1`), expected)
})

source.run()
