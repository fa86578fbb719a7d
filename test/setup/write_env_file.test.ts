import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError, WfgError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { envValues } from '../../runtime/settings/env_file.ts'
import { loadSettings, profileNames } from '../../runtime/settings/settings.ts'
import { quoteValue, writeEnvFile } from '../../runtime/setup/write_env_file.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { notRun } from '../_not_run.ts'

const envFile = suite('cli/env_file')

const NOTHING = { settings: {}, silenced: [], replaces: [] }

async function inFolder(work: (dir: string, path: string) => unknown): Promise<void> {
  const dir = temporaryFolder()
  try {
    await work(dir, join(dir, '.env'))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Every text of up to `length` of these characters. */
function* texts(characters: string, length: number): Generator<string> {
  if (length === 0) return yield ''
  for (const text of texts(characters, length - 1)) for (const character of characters) yield text + character
}

envFile('whatever is written is read back by our own reader, or refused', () =>
  inFolder((dir, path) => {
    // Each with the line after it, which a quote left open would swallow.
    const all = [1, 2, 3, 4].flatMap((length) => [...texts('a#\'"`\\n $', length)])
    const written = all.flatMap((value) => {
      const quoted = quoteValue(value)
      return quoted === undefined ? [] : [{ value, quoted }]
    })
    assert.ok(written.length > all.length * 0.95, `${written.length} of ${all.length} can be written`)
    const text = written.map(({ quoted }, index) => `WFG_${index}=${quoted}\n`).join('')
    writeFileSync(path, text)
    const { settings } = loadSettings({ env: {}, secrets: {}, cwd: () => dir }, dir)
    for (const [index, { value, quoted }] of written.entries()) {
      assert.is(settings[`WFG_${index}`]?.value, value, `${JSON.stringify(value)} as ${quoted}`)
    }
    assert.is(Object.keys(settings).length, written.length)
  }),
)

envFile('a secret with everything in it survives', () =>
  inFolder((dir, path) => {
    for (const secret of ['p#a s"s', "it's #1", 'back\\slash\\n"', 'é€漢', '$HOME $' + '{X} %20', '=a=', '\'"`a']) {
      rmSync(path, { force: true })
      try {
        writeEnvFile(path, { ...NOTHING, settings: { WFG_CLIENT_SECRET: secret, WFG_SCOPE: 'next' } })
      } catch (error) {
        assert.is(secret, '\'"`a', String(error))
        continue
      }
      const { settings } = loadSettings({ env: {}, secrets: {}, cwd: () => dir }, dir)
      assert.equal([settings['WFG_CLIENT_SECRET']?.value, settings['WFG_SCOPE']?.value], [secret, 'next'])
    }
  }),
)

envFile('a value with all kinds of quotes and a # is refused by name, without it, and nothing is written', () =>
  inFolder(async (dir, path) => {
    writeFileSync(path, 'A=1\n')
    const file = { ...NOTHING, settings: { WFG_CLIENT_SECRET: '\'"`#s3cret' } }
    const error = await rejects(() => writeEnvFile(path, file), { instance: UsageError })
    assert.match(error.message, /^Cannot write WFG_CLIENT_SECRET into a \.env file: .*WFG_CLIENT_SECRET_FILE/)
    assert.not.match(error.message, 's3cret')
    assert.equal([readdirSync(dir), readFileSync(path, 'utf8')], [['.env'], 'A=1\n'])
  }),
)

envFile('the file is private from its creation, whatever the former one was', () =>
  inFolder((dir, path) => {
    if (process.platform === 'win32') return notRun('Windows has no file modes')
    writeEnvFile(path, NOTHING)
    assert.is(statSync(path).mode & 0o777, 0o600)
    chmodSync(path, 0o644)
    writeEnvFile(path, NOTHING)
    assert.equal(
      readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o777]),
      [
        ['.env', 0o600],
        ['.env.bak', 0o600],
      ],
    )
  }),
)

envFile('a former file stays, each time, and what it says of other names is taken over', () =>
  inFolder((dir, path) => {
    const former = '# mine\nWFG_CLIENT_ID=old\nWFG_SCOPE=x\nWFG_PROTECTED=true\nexport OTHER="two\nlines #"\n'
    writeFileSync(path, former)
    const file = { settings: { WFG_CLIENT_ID: 'new' }, silenced: [], replaces: ['WFG_CLIENT_ID', 'WFG_SCOPE'] }
    assert.equal(writeEnvFile(path, file), {
      backup: `${path}.bak`,
      kept: ['OTHER', 'WFG_PROTECTED'],
      dropped: ['WFG_SCOPE'],
    })
    const written = { WFG_CLIENT_ID: 'new', WFG_PROTECTED: 'true', OTHER: 'two\nlines #' }
    assert.equal({ ...envValues(readFileSync(path, 'utf8')) }, written)
    assert.is(readFileSync(`${path}.bak`, 'utf8'), former)
    assert.is(writeEnvFile(path, file).backup, `${path}.2.bak`)
    assert.is(readFileSync(`${path}.bak`, 'utf8'), former)
    assert.equal({ ...envValues(readFileSync(`${path}.2.bak`, 'utf8')) }, written)
    assert.equal(profileNames(dir), ['sandbox'], 'a former file is no profile')
    rmSync(path)
    const lost = loadSettings({ env: {}, secrets: {}, cwd: () => dir }, dir)
    assert.is(lost.profile, 'default', 'and yet a trace of a set-up')
  }),
)

envFile('names of the weaker file that are not used are silenced', () =>
  inFolder((dir, path) => {
    writeFileSync(path, 'WFG_TOKEN_ENDPOINT=https://a.example.com/t\nWFG_TIMEOUT_MS=5\n')
    writeEnvFile(`${path}.test`, {
      ...NOTHING,
      settings: { WFG_CLIENT_ID: 'a' },
      silenced: ['WFG_TOKEN_ENDPOINT'],
    })
    const { settings } = loadSettings({ env: {}, secrets: {}, cwd: () => dir }, dir, 'test')
    assert.equal([settings['WFG_TOKEN_ENDPOINT']?.value, settings['WFG_TIMEOUT_MS']?.value], ['', '5'])
  }),
)

envFile('a link stays a link', () =>
  inFolder((dir, path) => {
    if (process.platform === 'win32') return notRun('Windows lets few make links')
    mkdirSync(join(dir, 'shared'))
    writeFileSync(join(dir, 'shared', 'env'), 'A=1\n')
    symlinkSync(join(dir, 'shared', 'env'), path)
    writeEnvFile(path, { ...NOTHING, settings: { WFG_CLIENT_ID: 'a' } })
    assert.ok(lstatSync(path).isSymbolicLink())
    assert.match(readFileSync(join(dir, 'shared', 'env'), 'utf8'), /WFG_CLIENT_ID=a\n[\s\S]*A=1\n$/)
  }),
)

envFile('what the system refuses is told in a sentence', () =>
  inFolder((dir) =>
    rejects(() => writeEnvFile(join(dir, 'none', '.env'), NOTHING), {
      instance: WfgError,
      message: `Cannot write ${quotedPath(join(dir, 'none', '.env'))}: ENOENT. Nothing was changed.`,
    }),
  ),
)

envFile.run()
