import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { newScript } from '../../runtime/setup/new_script.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { rejects } from '../_assert.ts'
import { withFolder } from '../tasks/_folder.ts'

const newScriptSuite = suite('cli/new_script')

newScriptSuite('newScript() imports the package by the name that it has there', () =>
  withFolder(
    { 'package.json': '{}', 'own/package.json': '{ "imports": { "#wfg": "./runtime/mod.ts" } }' },
    (_, url) => {
      const made = newScript(defineTasks(url, {}), 'x', 'query', '.')
      assert.match(made.files['scripts/x.ts']!, "import { defineScript, gql } from 'wfg-scripts'\n")
      assert.match(made.files['test/x.test.ts']!, "import { fakeWfg } from 'wfg-scripts/testing'\n")
      const own = newScript(defineTasks(new URL('./own/tasks.ts', url).href, {}), 'x', 'query', '.')
      assert.match(own.files['scripts/x.ts']!, "import { defineScript, gql } from '#wfg'\n")
      assert.match(own.files['test/x.test.ts']!, "import { fakeWfg } from '#wfg/testing'\n")
    },
  ),
)

newScriptSuite('newScript() makes folders of a prefix', () =>
  withFolder({}, (_, url) => {
    const { files } = newScript(defineTasks(url, {}), 'finance:open:items', 'query', '.')
    assert.equal(Object.keys(files), ['scripts/finance/open/items.ts', 'test/finance/open/items.test.ts'])
    assert.match(
      files['test/finance/open/items.test.ts']!,
      "import script from '../../../scripts/finance/open/items.ts'",
    )
  }),
)

newScriptSuite('newScript() copies a script, whose imports still reach their files, with the access it has', () =>
  withFolder({ 'scripts/deep/a.mts': SOURCE }, (folder, url) => {
    const registry = defineTasks(url, { a: { script: './scripts/deep/a.mts', access: 'read' } })
    const from = join(folder, 'scripts/deep/a.mts')
    const { files, access, test } = newScript(registry, 'b', 'deep/a.mts', join(folder, 'scripts'))
    assert.equal(newScript(registry, 'b', 'a', '.').files, files)
    assert.equal(files, {
      'scripts/b.mts': SOURCE.replace("'./_near.ts'", "'./deep/_near.ts'").replace("'../_far.ts'", "'./_far.ts'"),
    })
    assert.equal([access, test], ['read', undefined])
    assert.is(newScript(defineTasks(url, {}), 'b', from, '.').access, 'write')
  }),
)

const SOURCE = `import { wfg } from '#wfg'
import { near } from './_near.ts'
const { far } = await import('../_far.ts')
console.log(await wfg('{ viewer { userName } }'), near, far, './_near.ts')
`

newScriptSuite('newScript() refuses what is neither a template nor a file', () =>
  withFolder({}, async (folder, url) => {
    const registry = defineTasks(url, {})
    await rejects(() => newScript(registry, 'x', 'mutaton', folder), {
      instance: UsageError,
      message:
        'Cannot write the script "x": "mutaton" is not a template, a task or a script file; did you mean "mutation"?',
    })
    await rejects(() => newScript(registry, 'x', 'pending-actions', folder), {
      instance: UsageError,
      message:
        'Cannot write the script "x": "pending-actions" is not a template, a task or a script file; ' +
        'there are the templates query, mutation, plain, no tasks, and any path of a script.',
    })
    const others = defineTasks(url, { hello: { script: './scripts/hello.ts' }, all: { needs: ['hello'] } })
    await rejects(() => newScript(others, 'x', 'pending-actions', folder), {
      instance: UsageError,
      message: /there are the templates query, mutation, plain, the tasks "hello", and any path of a script\.$/,
    })
    await rejects(() => newScript(registry, 'x', folder, '.'), { instance: UsageError, message: /is not a template/ })
    await rejects(() => newScript(registry, 'x', 'constructor', folder), {
      instance: UsageError,
      message: /is not a template/,
    })
  }),
)

newScriptSuite.run()
