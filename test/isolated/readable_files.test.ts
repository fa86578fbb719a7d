/** Which files the process of an isolated script may read. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isOlder } from '../../runtime/isolated/find_deno.ts'
import { filesOfScript } from '../../runtime/isolated/readable_files.ts'
import { decode, encode } from '../../runtime/isolated/values.ts'
import { removeFolder, temporaryFolder } from '../_cli.ts'
import { LINKS } from '../_links.ts'

const files = suite('isolated/readable_files')

files('are the code that it imports below scripts/, and elsewhere the code beside it', () => {
  const folder = temporaryFolder()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  try {
    const imports = ['./_a/b.ts', '../tasks.ts', '../.env', './data.json', 'valibot', '#wfg', './gone.ts']
    write('scripts/x.ts', imports.map((name) => `import '${name}' with { type: 'text' }`).join('\n'))
    write('scripts/_a/b.ts', "export * from '../_c.ts'")
    for (const path of ['scripts/_c.ts', 'tasks.ts', '.env', 'scripts/data.json']) write(path, '')
    write('home/y.ts', "import './z.ts'\nimport './deep/secret.ts'\nimport '../tasks.ts'")
    write('home/z.ts', '')
    write('home/deep/secret.ts', '')
    const found = filesOfScript(join(folder, 'scripts/x.ts'), folder)
    assert.equal(
      found.files,
      ['scripts/x.ts', 'scripts/_a/b.ts', 'scripts/_c.ts'].map((path) => join(folder, path)),
    )
    assert.equal(found.packages, ['valibot', '#wfg'])
    assert.equal(
      filesOfScript(join(folder, 'home/y.ts'), folder).files,
      ['home/y.ts', 'home/z.ts'].map((path) => join(folder, path)),
    )
    if (!LINKS.file) return
    symlinkSync(join(folder, '.env'), join(folder, 'scripts', 'link.ts'))
    assert.throws(() => filesOfScript(join(folder, 'scripts/link.ts'), folder), /is a link that leads to/)
    write('scripts/x.ts', "import './link.ts'")
    assert.throws(() => filesOfScript(join(folder, 'scripts/x.ts'), folder), /is a link that leads to/)
  } finally {
    removeFolder(folder)
  }
})

files('values arrive as they were, with those that JSON does not have', () => {
  const value = {
    ...{ a: undefined, b: 12n, c: Number.NaN, d: new Date(0), e: new Uint8Array([1, 2]), f: '\u0001u', g: [undefined] },
    ['__proto__x']: null,
  }
  assert.equal(decode(encode(value)), value)
  assert.is((decode(encode({ error: new Error('no') })) as { error: Error }).error.message, 'no')
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  assert.throws(() => encode(circle), /it contains itself/)
})

files('a version of Deno is older by its numbers', () => {
  const found = ['2.8.9', '2.9.0', '2.10.0', '2.9.0-rc.1', '1.46.3'].filter((version) => isOlder(version, '2.9.0'))
  assert.equal(found, ['2.8.9', '1.46.3'])
})

files.run()
