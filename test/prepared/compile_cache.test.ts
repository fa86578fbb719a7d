import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileCacheFolder } from '../../runtime/prepared/compile_cache.mjs'
import { notRun } from '../_not_run.ts'
import { withFolder } from '../tasks/_folder.ts'

const cache = suite('prepared/compile_cache')

/** The folder for a project with these files, in a process with this environment, working in its folder `sub`. */
function folderFor(
  files: Readonly<Record<string, string>>,
  env: Record<string, string>,
  check: (found: string | undefined, dir: string) => void,
): Promise<void> {
  return withFolder({ 'sub/x.txt': '', ...files }, (dir) => {
    const { geteuid } = process
    const home = { XDG_CACHE_HOME: join(dir, 'home'), HOME: dir, LOCALAPPDATA: join(dir, 'home') }
    const host = { platform: process.platform, cwd: () => join(dir, 'sub'), env: { ...home, ...env } }
    check(compileCacheFolder(geteuid ? { ...host, geteuid } : host, dir), dir)
  })
}

cache('compileCacheFolder() is in the cache of the user, and private', () =>
  folderFor({}, {}, (found, dir) => {
    if (process.platform !== 'darwin') assert.is(found, join(dir, 'home', 'wfg', 'compiled'))
    if (process.platform === 'win32') return
    assert.is(statSync(found!).mode & 0o777, 0o700)
    assert.is(statSync(join(found!, '..')).mode & 0o777, 0o700)
  }),
)

for (const [title, files, env, expected] of [
  ['the environment', {}, { WFG_CACHE_DIR: 'set' }, ['sub', 'set']],
  ['.env', { '.env': 'WFG_CACHE_DIR=set\n' }, {}, ['set']],
  ['both', { '.env': 'WFG_CACHE_DIR=file\n' }, { WFG_CACHE_DIR: 'environment' }, ['sub', 'environment']],
] as const) {
  cache(`compileCacheFolder() follows WFG_CACHE_DIR, in ${title}`, () =>
    folderFor(files, env, (found, dir) => assert.is(found, join(dir, ...expected, 'compiled'))),
  )
}

cache('compileCacheFolder() is undefined if scripts with few rights may write to it: by a link', () =>
  withFolder({ 'sub/x.txt': '' }, (dir) => {
    if (process.platform === 'win32') return notRun('a link needs rights of its own on Windows')
    symlinkSync(dir, join(dir, 'link'))
    const env = { WFG_CACHE_DIR: join(dir, 'link', '.wfg') }
    const host = { platform: process.platform, cwd: () => dir, env }
    assert.is(compileCacheFolder(host, dir), undefined)
  }),
)

for (const [where, env] of [
  ['.wfg', {}],
  ['.wfg/cache', {}],
  ['elsewhere', { WFG_CACHE_DIR: '../.wfg/cache' }],
] as const) {
  cache(
    `compileCacheFolder() is undefined if scripts with few rights may write to it: ${where}, ${JSON.stringify(env)}`,
    () => folderFor({ '.env': `WFG_CACHE_DIR=${where}\n` }, env, (found) => assert.is(found, undefined)),
  )
}

for (const [title, files, env] of [
  ['the environment', {}, { WFG_TOKEN_CACHE: 'off' }],
  ['.env', { '.env': 'WFG_TOKEN_CACHE="off"\n' }, {}],
  ['the file of a profile', { '.env.prod': 'WFG_TOKEN_CACHE = off\n' }, { WFG_TOKEN_CACHE: 'disk' }],
  ['a CI', {}, { CI: 'true' }],
] as const) {
  cache(`compileCacheFolder() is undefined, and makes no folder, if nothing may be written by ${title}`, () =>
    folderFor(files, env, (found, dir) => {
      assert.is(found, undefined)
      assert.not(existsSync(join(dir, 'home')))
    }),
  )
}

cache('compileCacheFolder() reads .env with a byte order mark, as editors and PowerShell write it', () =>
  withFolder({ 'sub/x.txt': '' }, (dir) => {
    const host = { platform: process.platform, cwd: () => dir, env: { HOME: dir, LOCALAPPDATA: dir } }
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(join(dir, '.env'), Buffer.from('\uFEFFWFG_TOKEN_CACHE=off\r\n', encoding))
      assert.is(compileCacheFolder(host, dir), undefined)
    }
  }),
)

for (const [title, files, env] of [
  ['a CI may write', {}, { CI: 'true', WFG_TOKEN_CACHE: 'disk' }],
  ['only the example says off', { '.env.example': 'WFG_TOKEN_CACHE=off\n' }, {}],
  ['tokens stay in memory', {}, { WFG_TOKEN_CACHE: 'memory' }],
] as const) {
  cache(`compileCacheFolder() exists if ${title}`, () =>
    folderFor(files, env, (found) => assert.ok(existsSync(found!))),
  )
}

cache('compileCacheFolder() is undefined if others may write to it, or a file is in the way', async () => {
  if (process.platform === 'win32') return notRun('file permissions need a system of the Unix kind')
  await withFolder({ 'file/x': '' }, async (shared) => {
    mkdirSync(join(shared, 'compiled'))
    chmodSync(join(shared, 'compiled'), 0o777)
    await folderFor({}, { WFG_CACHE_DIR: shared }, (found) => assert.is(found, undefined))
    await folderFor({}, { WFG_CACHE_DIR: join(shared, 'file', 'x') }, (found) => assert.is(found, undefined))
  })
})

cache('compileCacheFolder() takes a folder of this user from everybody else', async () => {
  if (process.platform === 'win32') return notRun('file permissions need a system of the Unix kind')
  await withFolder({ 'compiled/x': '' }, async (own) => {
    chmodSync(join(own, 'compiled'), 0o755)
    await folderFor({}, { WFG_CACHE_DIR: own }, (found) => assert.is(statSync(found!).mode & 0o777, 0o700))
  })
})

cache.run()
