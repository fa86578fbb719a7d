import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { isScript } from '../../runtime/script/define.ts'
import { importScript, readScriptFile } from '../../runtime/script/script_file.ts'
import { rejects } from '../_assert.ts'
import { folderWithPackages } from '../_cli.ts'
import { withFolder } from '../tasks/_folder.ts'

const scriptFile = suite('script/script_file')
const NOTHING = ': it does nothing; expected `export default defineScript({ … })`, or statements at the top level.'

/** The script in a folder of its own. */
function withScript(source: string, action: (path: string) => unknown): Promise<void> {
  const files = { 'package.json': '{"type":"module"}', 'x.ts': source }
  return withFolder(files, (folder) => action(join(folder, 'x.ts')), folderWithPackages())
}

const DEFINE = `import { defineScript } from '${new URL('../../runtime/script/define.ts', import.meta.url)}'\n`

for (const [title, source] of [
  ['is empty', ''],
  ['has comments only', '// TODAY\n/* await x() */\n'],
  ['names a value', 'const x = 1'],
  ['exports values', "export const a = 'await b()'\nexport const c = true;\n"],
  ['imports and does no more', "import { wfg } from '#wfg'\nimport type {\n  A,\n} from './a.ts'\n"],
  ['exports functions that nobody calls', 'export async function run({ wfg }) {\n  return wfg(`query { a }`)\n}\n'],
  ['holds types', 'interface A { b: string }\nexport interface C { d: A }'],
] as const) {
  scriptFile(`readScriptFile() refuses a file that ${title}`, () =>
    withScript(source, (path) =>
      rejects(() => readScriptFile(path), {
        instance: UsageError,
        message: `Cannot run ${quotedPath(path)}${NOTHING}`,
      }),
    ),
  )
}

for (const [title, source] of [
  ['calls something', "console.log('x')"],
  ['sends a template', "import { wfg } from '#wfg'\nconst x = await wfg`query { a }`"],
  ['imports for its effect', "import './setup.ts'"],
  ['exports what another file has', "export { default } from './other.ts'"],
  ['exports a script made elsewhere', "import { script } from './other.ts'\nexport default script"],
  ['has a syntax error', 'const x = = 1'],
  ['holds braces in texts', "const open = '{'\nconsole.log(open)\nconst close = '}'"],
  ['holds quotes in comments', "/* don't */ run('x') // can't"],
  ['assigns', "globalThis.x = 'y'"],
] as const) {
  scriptFile(`readScriptFile() accepts a file that ${title}`, () =>
    withScript(source, (path) => {
      assert.is(readScriptFile(path).source, source)
    }),
  )
}

scriptFile('readScriptFile() recognises defineScript in the code, not in comments and strings', () =>
  withFolder(
    {
      'yes.ts': 'export default defineScript({ run() {} })',
      'typed.ts': 'export default defineScript<undefined, void>({ run() {} })',
      'comment.ts': '// unlike defineScript({})\nconsole.log(1)',
      'text.ts': "console.log('defineScript({})')",
    },
    (folder) => {
      const defines = ['yes', 'typed', 'comment', 'text'].map(
        (name) => readScriptFile(join(folder, `${name}.ts`)).defines,
      )
      assert.equal(defines, [true, true, false, false])
    },
  ),
)

scriptFile('readScriptFile() refuses a missing file and a folder', () =>
  withFolder({ 'a/b.ts': '' }, (folder) => {
    for (const path of [join(folder, 'none.ts'), join(folder, 'a')]) {
      assert.throws(
        () => readScriptFile(path),
        (error: unknown) =>
          error instanceof UsageError &&
          error.message === `Cannot run ${quotedPath(path)}: there is no such file; expected a script.`,
      )
    }
  }),
)

scriptFile('importScript() returns the default export of a defineScript file', () =>
  withScript(`${DEFINE}export default defineScript({ run: () => 1 })`, async (path) => {
    assert.ok(isScript(await importScript(readScriptFile(path))))
  }),
)

scriptFile('importScript() runs a plain file and returns undefined', () =>
  withScript("process.env['SCRIPT_FILE_TEST'] = 'done'", async (path) => {
    assert.is(await importScript(readScriptFile(path)), undefined)
    assert.is(process.env['SCRIPT_FILE_TEST'], 'done')
    delete process.env['SCRIPT_FILE_TEST']
  }),
)

scriptFile('importScript() says what to write when the default export is something else', () =>
  withScript('export default { run: () => 1 }', (path) =>
    rejects(() => importScript(readScriptFile(path)), {
      instance: UsageError,
      message: `Cannot run ${quotedPath(path)}: its default export is not made by defineScript; write \`export default defineScript({ … })\`.`,
    }),
  ),
)

scriptFile('importScript() says what to write when `export default` was forgotten, also the second time', () =>
  withScript(`${DEFINE}defineScript({ run: () => 1 })`, async (path) => {
    const expected = {
      instance: UsageError,
      message: `Cannot run ${quotedPath(path)}: it calls defineScript and does not export what that gives; write \`export default\` before it.`,
    }
    await rejects(() => importScript(readScriptFile(path)), expected)
    await rejects(() => importScript(readScriptFile(path)), expected)
  }),
)

scriptFile('importScript() throws what the file throws', () =>
  withScript("throw new RangeError('at import')", (path) =>
    rejects(() => importScript(readScriptFile(path)), { instance: RangeError, message: 'at import' }),
  ),
)

scriptFile('importScript() says where to move a file that cannot reach the package', () =>
  withFolder(
    { 'package.json': '{"type":"module"}', 'x.ts': "import { wfg } from 'wfg-scripts'\nawait wfg`{ a }`" },
    (dir) => {
      const path = join(realpathSync(dir), 'x.ts')
      return rejects(() => importScript(readScriptFile(path)), {
        instance: UsageError,
        message: `Cannot run ${quotedPath(path)}: the package.json nearest to it lacks the import "#wfg", the package "wfg-scripts", or "type": "module". If it has the package, import "wfg-scripts" in place of "#wfg"; else move the file to where tasks.ts is, for example into scripts/.`,
      })
    },
  ),
)

scriptFile.run()
