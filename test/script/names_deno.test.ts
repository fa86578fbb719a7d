import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { namesDeno } from '../../runtime/script/names_deno.ts'

const names = suite('names_deno')

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
]
for (const source of USES) {
  names(`namesDeno() is true for: ${source.replaceAll('\n', ' ')}`, () => assert.is(namesDeno(source), true))
}

const WORDS = [
  ``,
  `console.log(1)`,
  `// run it with Deno. Then read Deno.args`,
  `/** Deno.args */ console.log(1)`,
  `/* Deno.args`,
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
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are sources
for (const source of WORDS) {
  names(`namesDeno() is false for: ${source.replaceAll('\n', ' ')}`, () => assert.is(namesDeno(source), false))
}

names('namesDeno() needs time in proportion to the source, whatever is in it', () => {
  for (const piece of ['/*', '`${', "'", '/', '[/', '\\', '{', '}`', '. ', 'Deno ', '..']) {
    const source = `${piece.repeat(300_000 / piece.length)}Deno`
    const started = performance.now()
    namesDeno(source)
    const elapsedMs = performance.now() - started
    assert.ok(elapsedMs < 3000, `${JSON.stringify(piece)} took ${Math.round(elapsedMs)} ms`)
  }
})

names.run()
