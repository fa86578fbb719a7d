import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { UsageError } from '../../runtime/core/errors.ts'
import { defined, defineScript, isScript, watchDefinitions } from '../../runtime/script/define.ts'
import { rejects } from '../_assert.ts'

const define = suite('script/define')

define('defineScript() gives the definition, marked', () => {
  const args = v.object({ since: v.string() })
  const run = () => 1
  const script = defineScript({ args, run, positionals: ['since'], examples: ['2026-01-01'] })
  assert.ok(isScript(script))
  assert.is(script.args, args)
  assert.is(script.run, run)
  assert.equal([script.positionals, script.examples], [['since'], ['2026-01-01']])
})

define('defineScript() leaves the object that it was given alone', () => {
  const definition = { run: () => 1 }
  defineScript(definition)
  assert.not(isScript(definition))
  assert.equal(Reflect.ownKeys(definition), ['run'])
})

for (const definition of [undefined, null, {}, { run: 'x' }, () => 1]) {
  define(`defineScript() refuses ${JSON.stringify(definition) ?? String(definition)}`, async () => {
    await rejects(() => defineScript(definition as never), {
      instance: UsageError,
      message: 'Cannot define the script: it has no function run; expected defineScript({ run(context) { … } }).',
    })
  })
}

define('isScript() is false for anything else', () => {
  assert.equal([undefined, null, 1, {}, { run() {} }].map(isScript), [false, false, false, false, false])
})

define('isScript() knows a script that another copy of this package made', () => {
  assert.ok(isScript({ run() {}, [Symbol.for('wfg.script')]: true }))
})

define('watchDefinitions() hears of every script, with the stack of who defined it', () => {
  const heard: string[] = []
  const before = defined.count
  watchDefinitions((script, stack) => heard.push(`${isScript(script)} ${stack.split('\n')[2]}`))
  try {
    defineScript({ run: () => 1 })
  } finally {
    watchDefinitions(() => {})
  }
  assert.is(defined.count, before + 1)
  assert.is(heard.length, 1)
  assert.match(heard[0]!, /^true .*define\.test\.ts:\d+/)
})

define.run()
