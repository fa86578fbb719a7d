import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isCommandLine, main, startSandbox } from '../runtime/compose.ts'
import { defineTasks } from '../runtime/tasks/registry/registry.ts'
import { project } from './_cli.ts'
import { RUNTIME, STRIPS_TYPES } from './_runtime.ts'

const compose = suite('compose')

compose('main() does nothing when the module is not the program', async () => {
  const url = new URL('../tasks.ts', import.meta.url).href
  await main({ url, main: false }, defineTasks(url, {}))
  await main({ url }, defineTasks(url, {}))
  assert.is(isCommandLine(), false)
})

compose('main() starts when the module is the program, also without the extension', async () => {
  const { run, cleanup } = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { x: { script: './x.ts', description: 'the one task' } })
await main(import.meta, tasks)`,
    'x.ts': 'console.log(1)',
    'program.ts': "import { tasks } from './tasks.ts'\nconsole.log(tasks.tasks.size)",
  })
  try {
    for (const entry of RUNTIME === 'deno' || STRIPS_TYPES ? ['tasks.ts'] : ['tasks.ts', 'tasks']) {
      assert.equal(await run(['list'], { entry }), {
        status: 0,
        signal: null,
        stdout: '  x  write  the one task\n',
        stderr: '',
      })
    }
    assert.equal(await run(['list'], { entry: 'program.ts' }), { status: 0, signal: null, stdout: '1\n', stderr: '' })
  } finally {
    cleanup()
  }
})

compose('startSandbox() gives what reaches it, and the user its application acts as', async () => {
  const { settings, origin, user, close } = await startSandbox({ requests: 1 })
  try {
    assert.is(settings['WFG_GRAPHQL_URL'], `${origin}/wfgen/graphql`)
    assert.is(user, 'john_smith')
  } finally {
    await close()
  }
})

compose.run()
