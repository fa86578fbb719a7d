import { parseEnv } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { envValues } from '../../runtime/settings/env_values.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME } from '../_runtime.ts'

const values = suite('env_values')

for (const [text, expected] of [
  ['A=1\nA=2', { A: '2' }],
  ['\n\n  A = 1 \n\n', { A: '1' }],
  ['export A=1\n export  B = 2', { A: '1', B: '2' }],
  ['A=\nB= \nC=1', { A: '', B: '', C: '1' }],
  ['# A=1\n#"\nB=2 # two\nC=a#b', { B: '2', C: 'a' }],
  ['A=\'# \\\'\nB="x\\ny"\nC=`"\'`\n', { A: '# \\', B: 'x\ny', C: '"\'' }],
  ['A="x\r\ny" z\r\nB=2\r\n', { A: 'x\ny', B: '2' }],
  ['A="x\nB=2', { A: '"x', B: '2' }],
  ['A="x # y ', { A: '"x # y' }],
  ['A==b=c', { A: '=b=c' }],
  ['no setting\nA=1', { A: '1' }],
] as const) {
  values(`envValues() of ${JSON.stringify(text)}`, () => assert.equal(envValues(text), expected))
}

/** Every text of up to `length` of these characters. */
function* texts(characters: string, length: number): Generator<string> {
  if (length === 0) return yield ''
  for (const text of texts(characters, length - 1)) for (const character of characters) yield text + character
}

values('envValues() is what Node says, whatever stands after the =', () => {
  if (RUNTIME !== 'node') return notRun('the readers of other runtimes differ from that of Node')
  for (const length of [1, 2, 3, 4]) {
    for (const value of texts('a#\'"`\\n ', length)) {
      // Node 20 keeps spaces after a quote that is not closed, and takes the line after spaces.
      if (value.endsWith(' ')) continue
      const text = `A=${value}\nB=n\n`
      assert.equal(envValues(text), { ...parseEnv(text) }, text)
    }
  }
})

values.run()
