/** Escapes by files: what a malicious script tries to read, and to write. */
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { filesOfScript, grantedPaths } from '../../../runtime/isolated/readable_files.ts'
import { LINKS, NO_LINKS } from '../../_links.ts'
import { needs } from '../../_not_run.ts'
import { type Attacks, attack, compare, contents, escapes, victim, write } from './_attacks.ts'

const files = escapes('files')
const links = needs(LINKS.file && LINKS.folder, NO_LINKS, escapes('links'))

/** `r+` opens for writing, and changes nothing. */
const open = (path: string) => `fs.closeSync(fs.openSync(${path}, 'r+'))`

const ATTACKS: Attacks = {
  'the settings': "isLoot(fs.readFileSync(at.root + '/.env', 'utf8'))",
  'the settings, by a relative path': "isLoot(await Deno.readTextFile('.env'))",
  'the settings, by .. in a granted folder': "isLoot(fs.readFileSync('data/../.env', 'utf8'))",
  'the settings, by a URL': "isLoot(fs.readFileSync(new URL('../%2eenv', import.meta.url), 'utf8'))",
  'the settings, by fetch': "isLoot(await (await fetch('file://' + at.root + '/.env')).text())",
  'the settings, by process.loadEnvFile': 'process.loadEnvFile(at.root + "/.env")',
  'the settings, by a stream':
    "let text = ''; for await (const chunk of fs.createReadStream(at.root + '/.env')) text += chunk; isLoot(text)",
  'the settings, by a blob': "isLoot(await (await fs.openAsBlob(at.root + '/.env')).text())",
  'the settings, by a worker':
    "isLoot(await inWorker('return Deno.readTextFileSync(' + JSON.stringify(at.root + '/.env') + ')'))",
  'the settings, by a thread':
    "isLoot(await inTime(new Promise((resolve, reject) => { const worker = new workerThreads.Worker('require(\"worker_threads\").parentPort.postMessage(require(\"fs\").readFileSync(' + JSON.stringify(at.root + '/.env') + ', \"utf8\"))', { eval: true }); worker.on('message', resolve); worker.on('error', reject) })))",
  'the settings, after a change of the folder': "process.chdir(at.root + '/home'); process.chdir(at.root)",
  'the registry': "fs.readFileSync(at.root + '/tasks.ts')",
  'the token': "isLoot(fs.readFileSync(at.home + '/.cache/wfg/token.json', 'utf8'))",
  'the history': "isLoot(fs.readFileSync(at.home + '/.local/state/wfg/history.ndjson', 'utf8'))",
  '~/.ssh': "isLoot(fs.readFileSync(at.home + '/.ssh/id', 'utf8'))",
  'its environment': 'isLoot(process.env.WFG_CLIENT_SECRET)',
  'its whole environment': 'isLoot(JSON.stringify(Deno.env.toObject()))',
  'names in a folder': 'fs.readdirSync(at.root)',
  'names by a pattern': "if (fs.globSync('*.json', { cwd: at.root }).length === 0) throw new Error('ENOENT')",
  'whether a file exists': "fs.statSync(at.root + '/secret.json')",
  'where a link leads': "fs.realpathSync(at.root + '/secret.json')",
  'changes of a folder': 'Deno.watchFs(at.root).close()',
  'a JSON file by require': "isLoot(require('../secret.json'))",
  'a JSON file by import': "isLoot((await import('../secret.json', { with: { type: 'json' } })).default)",
  'a JSON file by a static import': "isLoot((await import('./_static_json.ts')).default)",
  'a text by import': "isLoot((await import('../.env', { with: { type: 'text' } })).default)",
  'a text by a static import': "isLoot((await import('./_static_text.ts')).default)",
  'bytes by import':
    "isLoot(new TextDecoder().decode((await import('../victim.txt', { with: { type: 'bytes' } })).default))",
  'bytes by a static import': "isLoot(new TextDecoder().decode((await import('./_static_bytes.ts')).default))",
  'code outside of scripts': "isLoot((await import('../outside.ts')).default)",
  'code outside of scripts by a static import': "isLoot((await import('./_static_code.ts')).default)",
  'code outside by a data: module':
    "isLoot((await import('data:text/javascript,' + encodeURIComponent('export { default } from ' + JSON.stringify('file://' + at.root + '/outside.ts')))).default)",
  'code outside by a blob: module':
    "isLoot((await import(URL.createObjectURL(new Blob(['export { default } from ' + JSON.stringify('file://' + at.root + '/outside.ts')], { type: 'text/javascript' })))).default)",
  'a file by SQLite':
    "new (await import('node:sqlite')).DatabaseSync(at.root + '/victim.sqlite').exec('create table if not exists a(b)')",
  'a file by ATTACH of SQLite':
    "const db = new (await import('node:sqlite')).DatabaseSync(at.how === 'control' ? at.root + '/a.sqlite' : ':memory:'); db.exec('attach \\'' + at.root + '/b.sqlite\\' as other; create table if not exists other.a(b)')",
  'a file by VACUUM INTO of SQLite':
    "new (await import('node:sqlite')).DatabaseSync(at.how === 'control' ? at.root + '/a.sqlite' : ':memory:').exec('vacuum into \\'' + at.root + '/c.sqlite\\'')",
  'a change of the script': open("at.root + '/scripts/attack.ts'"),
  'a change of the registry': open("at.root + '/tasks.ts'"),
  'a change of package.json': open("at.root + '/package.json'"),
  'a change of the runtime': open("at.installed + '/runtime/isolated/child.mjs'"),
  'a change of the prepared runtime': open("at.installed + '/runtime/prepared/prepared.mjs'"),
  'a change of a package': open("at.installed + '/node_modules/valibot/package.json'"),
  'a change of what may be read': "fs.appendFileSync('data/in.txt', '')",
  'a script of its own': "fs.writeFileSync('scripts/new.ts', '')",
  'a file in the home': "fs.writeFileSync(at.home + '/.profile', '')",
  'a file in the temporary folder': 'Deno.makeTempFileSync()',
  'a copy out of the granted folder': "fs.copyFileSync('out/x', 'scripts/copy.ts')",
  'a copy into the granted folder': "fs.copyFileSync('.env', 'out/env')",
  'a move out of the granted folder': "fs.writeFileSync('out/move', ''); fs.renameSync('out/move', 'scripts/move.ts')",
  'a hard link to the settings': "fs.linkSync('.env', 'out/hard'); isLoot(fs.readFileSync('out/hard', 'utf8'))",
  ...(LINKS.file && {
    'a link to the settings': "fs.symlinkSync('../.env', 'out/soft'); isLoot(fs.readFileSync('out/soft', 'utf8'))",
    'a link to the folder': "fs.symlinkSync('..', 'out/up'); isLoot(fs.readFileSync('out/up/.env', 'utf8'))",
    'a link from outside': "fs.symlinkSync('out/x', 'scripts/link.ts')",
  }),
  'a truncation': "fs.truncateSync('victim.txt', 1e6)",
  'a new mode': "fs.chmodSync('victim.txt', 0o644)",
  'a new time': "fs.utimesSync('victim.txt', 1, 1)",
  'a removal': "fs.rmSync('victim.txt')",
  'a heap snapshot': "v8.writeHeapSnapshot(at.root + '/heap.json')",
}

/** Of a system that has them. */
const OF_PROC: Attacks = {
  "its environment by the system's files": "fs.readFileSync('/proc/self/environ', 'utf8').length",
  "its parent's environment": "fs.readFileSync('/proc/' + process.ppid + '/environ')",
  "its parent's memory": "fs.closeSync(fs.openSync('/proc/' + process.ppid + '/mem'))",
  "the settings by the system's files": "isLoot(fs.readFileSync('/proc/self/root' + at.root + '/.env', 'utf8'))",
  'the settings by the folder of its process': "isLoot(fs.readFileSync('/proc/self/cwd/.env', 'utf8'))",
  'the users': "fs.readFileSync('/etc/passwd')",
}

const STATIC = {
  'scripts/_static_json.ts': "export { default } from '../secret.json' with { type: 'json' }",
  'scripts/_static_text.ts': "export { default } from '../.env' with { type: 'text' }",
  'scripts/_static_bytes.ts': "export { default } from '../victim.txt' with { type: 'bytes' }",
  'scripts/_static_code.ts': "export { default } from '../outside.ts'",
}

/** What the parent writes: its history, and what it and tsx keep of compiled files. */
const OWN = /[\\/](state[\\/]wfg|wfg[\\/](state|compiled)|\.cache[\\/]wfg[\\/]typescript|tmp[\\/]tsx-\w*)[\\/]/

files('reads and writes nothing but what it was granted', async () => {
  const attacks = process.platform === 'linux' ? { ...ATTACKS, ...OF_PROC } : ATTACKS
  const made = victim(attacks, STATIC)
  try {
    const before = contents(made.dir)
    const isolated = await attack(made, 'isolated', {})
    const changed = contents(made.dir).filter((each) => !before.includes(each) && !OWN.test(each))
    assert.equal(
      changed.map((each) => each.slice(made.dir.length).replaceAll('\\', '/')),
      ['/out/move: '],
    )
    const left = readdirSync(join(made.dir, 'tmp')).filter((name) => name.startsWith('wfg-isolated-'))
    assert.equal(left, [], 'nothing that Deno kept is left')
    compare(
      isolated,
      await attack(made, 'control', {}),
      attacks,
      /NotCapable|Requires read access|is unsupported|not a valid module type|max 0|it found something else: (\{\}|undefined)/,
    )
  } finally {
    made.cleanup()
  }
})

/** Which link somebody put into the shared folder, and where it leads. */
const LEADS_OUT: readonly (readonly [link: string, target: string])[] = [
  ['data/settings', '../.env'],
  ['data/token', '../home/.cache'],
  ['data/root', '/'],
  ['data/nowhere', '../not-yet-there'],
  ['data/registry', '../tasks.ts'],
  ['out/below/far', '../../../..'],
  ['out', 'home'],
  ['scripts/_part.ts', '../outside.ts'],
  ['scripts/attack.ts', '../outside.ts'],
]

links('a link that leads out of what is granted refuses the run', () => {
  const made = victim({}, { 'out/below/x': '', 'scripts/_part.ts': '' })
  const start = () => {
    filesOfScript(join(made.dir, 'scripts/attack.ts'), made.dir)
    grantedPaths(made.dir, ['data', 'out'], [])
  }
  try {
    write(made.dir, { 'scripts/attack.ts': "import './_part.ts'\nexport default await 1" })
    start()
    for (const [link, target] of LEADS_OUT) {
      const path = join(made.dir, link)
      const kept = `${path}.kept`
      const isThere = existsSync(path)
      if (isThere) renameSync(path, kept)
      symlinkSync(target, path)
      assert.throws(start, /is a link that leads to/, link)
      rmSync(path)
      if (isThere) renameSync(kept, path)
    }
  } finally {
    made.cleanup()
  }
})

files.run()
links.run()
