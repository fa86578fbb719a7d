import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError, WfgError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { openOutFile } from '../../../runtime/tasks/output/out_file.ts'
import { rejects } from '../../_assert.ts'
import { notRun } from '../../_not_run.ts'
import { withFolder } from '../_folder.ts'

const out = suite('tasks/output/out_file')

out('openOutFile() leaves the file as it was until the run has succeeded', () =>
  withFolder({ 'a.csv': 'old' }, async (folder) => {
    const path = join(folder, 'a.csv')
    const file = await openOutFile(path)
    await file.sink.write('new ')
    await file.sink.write('text, ü')
    assert.is(readFileSync(path, 'utf8'), 'old')
    await file.commit()
    assert.is(readFileSync(path, 'utf8'), 'new text, ü')
    assert.equal(readdirSync(folder), ['a.csv'])
  }),
)

out('abandon() leaves FILE.partial and does not touch FILE', () =>
  withFolder({ 'a.csv': 'old', 'a.csv.partial': 'older' }, async (folder) => {
    const path = join(folder, 'a.csv')
    const file = await openOutFile(path)
    await file.sink.write('half')
    assert.is(await file.abandon(), `${path}.partial`)
    assert.is(readFileSync(path, 'utf8'), 'old')
    assert.is(readFileSync(`${path}.partial`, 'utf8'), 'half')
    assert.equal(readdirSync(folder).sort(), ['a.csv', 'a.csv.partial'])
  }),
)

out('abandon() leaves no FILE.partial if nothing was written', () =>
  withFolder({}, async (folder) => {
    const file = await openOutFile(join(folder, 'a.csv'))
    assert.is(await file.abandon(), undefined)
    assert.equal(readdirSync(folder), [])
  }),
)

out('openOutFile() keeps two runs apart that write to one file', () =>
  withFolder({}, async (folder) => {
    const path = join(folder, 'a.csv')
    const [one, two] = [await openOutFile(path), await openOutFile(path)]
    await one.sink.write('one')
    await two.sink.write('two')
    await one.commit()
    assert.is(readFileSync(path, 'utf8'), 'one')
    await two.commit()
    assert.is(readFileSync(path, 'utf8'), 'two')
    assert.equal(readdirSync(folder), ['a.csv'])
  }),
)

out('openOutFile() refuses a folder that does not exist, a folder as the file, and a file as the folder', () =>
  withFolder({ 'a.csv': 'x' }, async (folder) => {
    const missing = join(folder, 'no', 'a.csv')
    await rejects(openOutFile(missing), {
      instance: UsageError,
      message: `Cannot write ${quotedPath(missing)}: its folder does not exist; create it, or name another one`,
    })
    await rejects(openOutFile(folder), { instance: UsageError, message: /it is a folder; name a file in it$/ })
    await rejects(openOutFile(join(folder, 'a.csv', 'b.csv')), { instance: UsageError, message: /its folder does not/ })
  }),
)

out('openOutFile() refuses a folder and a file without permission to write', async () => {
  if (process.platform === 'win32' || process.getuid?.() === 0) return notRun('file permissions need a user they bind')
  await withFolder({ 'locked/x': '', 'a.csv': 'old' }, async (folder) => {
    chmodSync(join(folder, 'locked'), 0o500)
    chmodSync(join(folder, 'a.csv'), 0o400)
    await rejects(openOutFile(join(folder, 'locked', 'a.csv')), { instance: UsageError, message: /no permission/ })
    await rejects(openOutFile(join(folder, 'a.csv')), { instance: UsageError, message: /no permission/ })
    chmodSync(join(folder, 'locked'), 0o700)
  })
})

if (process.platform !== 'win32') {
  out('commit() keeps the mode of the file, and a link a link', () =>
    withFolder({ 'real.csv': 'old' }, async (folder) => {
      chmodSync(join(folder, 'real.csv'), 0o640)
      symlinkSync('real.csv', join(folder, 'link.csv'))
      const file = await openOutFile(join(folder, 'link.csv'))
      await file.sink.write('new')
      await file.commit()
      assert.is(readlinkSync(join(folder, 'link.csv')), 'real.csv')
      assert.is(readFileSync(join(folder, 'real.csv'), 'utf8'), 'new')
      assert.is(statSync(join(folder, 'real.csv')).mode & 0o777, 0o640)
    }),
  )

  out('commit() makes the file that a link names', () =>
    withFolder({ 'a/x': '', 'b/x': '' }, async (folder) => {
      symlinkSync('../b/link.csv', join(folder, 'a', 'link.csv'))
      symlinkSync('new.csv', join(folder, 'b', 'link.csv'))
      const file = await openOutFile(join(folder, 'a', 'link.csv'))
      await file.sink.write('new')
      await file.commit()
      assert.is(readlinkSync(join(folder, 'a', 'link.csv')), '../b/link.csv')
      assert.is(readlinkSync(join(folder, 'b', 'link.csv')), 'new.csv')
      assert.is(readFileSync(join(folder, 'b', 'new.csv'), 'utf8'), 'new')
      assert.equal(readdirSync(join(folder, 'a')).sort(), ['link.csv', 'x'])
    }),
  )

  out('openOutFile() writes to a device and never replaces it', async () => {
    const before = statSync('/dev/null').isCharacterDevice()
    const file = await openOutFile('/dev/null')
    await file.sink.write('x')
    await file.commit()
    assert.is(before, true)
    assert.is(statSync('/dev/null').isCharacterDevice(), true)
  })
}

out('commit() says where the result is if the file cannot be replaced', () =>
  withFolder({}, async (folder) => {
    const path = join(folder, 'a.csv')
    const file = await openOutFile(path)
    await file.sink.write('new')
    mkdirSync(path)
    writeFileSync(join(path, 'x'), '')
    const error = await rejects(file.commit(), { instance: WfgError })
    assert.ok(error.message.includes(quotedPath(`${path}.partial`)), error.message)
    assert.is(readFileSync(`${path}.partial`, 'utf8'), 'new')
  }),
)

out.run()
