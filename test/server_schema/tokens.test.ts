// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is read is the source of scripts
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ScriptSyntaxError, type Token, tokensOf } from '../../runtime/server_schema/tokens.ts'

const tokens = suite('cli/schema/tokens')

/** Words and signs as they are, texts by their parts. */
function shown(source: string, found: readonly Token[] = tokensOf(source)): string {
  const show = (token: Token): string => {
    if ('text' in token) return token.text
    const parts = token.parts.map(({ start, end }) => source.slice(start, end))
    return token.kind === 'string'
      ? `<${parts}>`
      : `<${parts.join('|')}>[${token.holes.map((hole) => shown(source, hole)).join(';')}]`
  }
  return found.map(show).join(' ')
}

for (const [source, expected] of [
  ["a('b', \"c'\\\"\") // 'd'\n/* `e` */ f", 'a ( <b> , <c\'\\"> ) f'],
  ['`a${b}c${`d${e}`}`', '<a|c|>[b;<d|>[e]]'],
  ['`a${{ b: { c: `}` } }}\\`\\${`', '<a|\\`\\${>[{ b : { c : <}>[] } }]'],
  ['x = /[/"]`/g.test(y)', 'x = . test ( y )'],
  ['x = y / 2 / "z"', 'x = y / 2 / <z>'],
  ['if (a) /"/.test(b)', 'if ( a ) . test ( b )'],
  ['(a) / b / c', '( a ) / b / c'],
  ["a! / b // c's", 'a ! / b'],
  ["a++ / b-- / c // d's", 'a + + / b - - / c'],
  ['a + /"/.b', 'a + . b'],
  ['a\n!/"/.test(b)', 'a ! . test ( b )'],
  ['a !== /"/', 'a ! = ='],
  ['return /`/', 'return'],
  ["#!/usr/bin/env node 'x\ny", 'y'],
  ["const a: Array<'b'> = c as Array<`d`>", 'const a : Array < <b> > = c as Array < <d>[] >'],
  ['class A { #b = 1; @dec() c() {} }', 'class A { #b = 1 ; @dec ( ) c ( ) { } }'],
] as const) {
  tokens(`reads ${JSON.stringify(source)}`, () => assert.is(shown(source), expected))
}

for (const [source, message, at] of [
  ['a `b', 'a template begins here and does not end', 2],
  ['`${`', 'a template begins here and does not end', 3],
  ['`${(`', 'a template begins here and does not end', 4],
  ["a 'b\n'", 'a text begins here and does not end in its line', 2],
  ['/* a', 'a comment begins here and does not end', 0],
  ['a(', '"(" is not closed', 1],
  ['a(]', '"(" is not closed before "]"', 1],
  ['a)', '")" closes nothing', 1],
] as const) {
  tokens(`says where ${JSON.stringify(source)} stops being a script`, () => {
    try {
      tokensOf(source)
    } catch (error) {
      assert.instance(error, ScriptSyntaxError)
      assert.equal([(error as ScriptSyntaxError).message, (error as ScriptSyntaxError).at], [message, at])
      return
    }
    assert.unreachable()
  })
}

tokens.run()
