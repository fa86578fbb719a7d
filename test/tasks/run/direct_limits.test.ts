import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { explained, withoutMain } from '../../../runtime/tasks/run/direct_limits.ts'
import { project } from '../../_cli.ts'
import { fakeHost } from '../../_host.ts'
import { RUNTIME } from '../../_runtime.ts'

const limits = suite('tasks/direct_limits')

limits('a plain file that uses a global of Deno says what to do if Node starts it directly', async () => {
  const { dir, run, cleanup } = project({
    'scripts/args.ts': "import { gql } from '#wfg'\ngql`{ viewer { id } }`\nconsole.log(Deno.args.join())",
  })
  try {
    const entry = 'scripts/args.ts'
    const { status, stdout, stderr } = await run(['a', 'b'], { entry })
    if (RUNTIME === 'deno') return assert.equal([status, stdout], [0, 'a,b\n'])
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, `Cannot finish ${quotedPath(join(dir, entry))}: it uses Deno, which Node does not have`)
  } finally {
    cleanup()
  }
})

limits('explained() returns every other error as it is', () => {
  const host = fakeHost({ runtime: 'node', program: '/srv/x.ts', cwd: () => '/srv' })
  for (const error of [new ReferenceError('x is not defined'), new Error('Deno is not defined'), undefined, 'text']) {
    assert.is(explained(host, error), error)
  }
  assert.match(
    (explained(host, new ReferenceError('prompt is not defined')) as Error).message,
    /`npx tsx tasks\.ts run x\.ts`/,
  )
})

limits('withoutMain() refuses a guarded file on a Node without import.meta.main', () => {
  const of = (knowsMain: boolean, source: string) =>
    withoutMain(fakeHost({ runtime: 'node', program: '/srv/x.ts', cwd: () => '/srv', knowsMain }), source)?.code
  const guarded = 'if (import.meta.main) work()'
  assert.equal([of(false, guarded), of(true, guarded), of(false, 'work()')], ['WFG_USAGE', undefined, undefined])
})

limits.run()
