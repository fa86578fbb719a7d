import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { type LoadedSettings, loadSettings, profileNames } from '../../runtime/settings/settings.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { notRun } from '../_not_run.ts'

const settings = suite('settings')

/** A folder with these files, and one beside it that is the working directory. */
function place(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = temporaryFolder()
  const [dir, cwd] = [join(root, 'project'), join(root, 'elsewhere')]
  for (const folder of [dir, cwd]) mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content)
  return { dir, cwd, cleanup: () => rmSync(root, { recursive: true, force: true }) }
}

interface Given {
  files?: Readonly<Record<string, string | Uint8Array>>
  env?: Record<string, string>
  secrets?: Record<string, string>
  chosen?: string
  /** Changes the folder before it is read. */
  prepare?: (dir: string, cwd: string) => void
}

interface Found extends LoadedSettings {
  dir: string
  cwd: string
  /** Without the folders. */
  values: Record<string, string>
}

function load(given: Given = {}): Found {
  const { dir, cwd, cleanup } = place(given.files ?? {})
  try {
    given.prepare?.(dir, cwd)
    const host = fakeHost({ env: given.env ?? {}, secrets: given.secrets ?? {}, cwd: () => cwd })
    const loaded = loadSettings(host, dir, given.chosen)
    const values = Object.fromEntries(Object.entries(loaded.settings).map(([name, { value }]) => [name, value]))
    return { ...loaded, dir, cwd, values }
  } finally {
    cleanup()
  }
}

settings('loadSettings() says in which file a secret was cut short, unless another source gives it', () => {
  const files = { '.env.test': 'WFG_CLIENT_SECRET=abc#def\nWFG_SCOPE=a#b', '.env': 'WFG_CLIENT_SECRET=abc' }
  const { settings } = load({ files, chosen: 'test' })
  assert.equal([settings['WFG_CLIENT_SECRET']?.cutIn, settings['WFG_SCOPE']?.cutIn], ['.env.test', undefined])
  const secrets = { WFG_CLIENT_SECRET: 'abc#def' }
  assert.is(load({ files, secrets, chosen: 'test' }).settings['WFG_CLIENT_SECRET']?.cutIn, undefined)
  assert.is(load({ files }).settings['WFG_CLIENT_SECRET']?.cutIn, undefined)
})

settings('loadSettings() tells of the profiles that could have been chosen', () => {
  const files = { '.env.test': '', '.env.prod': '', '.env.default': '', '.env.example': '' }
  assert.equal(load({ files }).otherProfiles?.toSorted(), ['prod', 'test'])
  assert.is(load({ files, chosen: 'test' }).otherProfiles, undefined)
})

settings('loadSettings() takes the environment before .env.<profile> before .env', () => {
  const { profile, values } = load({
    files: {
      '.env': 'WFG_CLIENT_ID=base\nWFG_SCOPE=base\nWFG_AUDIENCE=base\n',
      '.env.test': 'WFG_CLIENT_ID=profile\nWFG_SCOPE=profile\n',
    },
    env: { WFG_CLIENT_ID: 'environment' },
    chosen: 'test',
  })
  assert.is(profile, 'test')
  assert.equal(values, { WFG_CLIENT_ID: 'environment', WFG_SCOPE: 'profile', WFG_AUDIENCE: 'base' })
})

settings('loadSettings() takes the secrets that the host holds for the environment', () => {
  const { values } = load({
    files: { '.env': 'WFG_CLIENT_SECRET=from-file\n' },
    secrets: { WFG_CLIENT_SECRET: 'from-environment' },
  })
  assert.equal(values, { WFG_CLIENT_SECRET: 'from-environment' })
})

settings('loadSettings() lets an empty variable unset what a file gives', () => {
  const { values } = load({ files: { '.env': 'WFG_SCOPE=file\n' }, env: { WFG_SCOPE: '' } })
  assert.equal(values, { WFG_SCOPE: '' })
})

settings('loadSettings() never reads the working directory', () => {
  const { profile, values } = load({
    files: { '.env': 'WFG_CLIENT_ID=project\n' },
    prepare: (_dir, cwd) => writeFileSync(join(cwd, '.env'), 'WFG_CLIENT_ID=cwd\nWFG_SCOPE=cwd\n'),
  })
  assert.is(profile, 'default')
  assert.equal(values, { WFG_CLIENT_ID: 'project' })
})

settings('loadSettings() takes only names that begin with WFG_', () => {
  const { values } = load({ files: { '.env': 'PATH=x\nWFG_SCOPE=s\n' }, env: { HOME: '/home/x' } })
  assert.equal(values, { WFG_SCOPE: 's' })
})

settings('loadSettings() gives each value the folder that a relative path in it starts from', () => {
  const { settings, dir, cwd } = load({
    files: { '.env': 'WFG_CACHE_DIR=a\n', '.env.test': 'WFG_PRIVATE_KEY_FILE=b\n' },
    env: { WFG_CERTIFICATE_FILE: 'c' },
    chosen: 'test',
  })
  assert.is(settings['WFG_CACHE_DIR']?.directory, dir)
  assert.is(settings['WFG_PRIVATE_KEY_FILE']?.directory, dir)
  assert.is(settings['WFG_CERTIFICATE_FILE']?.directory, cwd)
})

for (const [stronger, weaker] of [
  ['WFG_CLIENT_SECRET', 'WFG_CLIENT_SECRET_FILE'],
  ['WFG_CLIENT_SECRET_FILE', 'WFG_CLIENT_SECRET'],
  ['WFG_AUDIENCE', 'WFG_RESOURCE'],
  ['WFG_RESOURCE', 'WFG_AUDIENCE'],
] as const) {
  settings(`loadSettings() hides ${weaker} of a weaker source when a stronger one sets ${stronger}`, () => {
    const { values } = load({
      files: { '.env': `${weaker}=other-profile\n`, '.env.prod': `${stronger}=prod\n` },
      chosen: 'prod',
    })
    assert.equal(values, { [stronger]: 'prod' })
  })
}

settings('loadSettings() hides the token endpoint of another issuer, which would get the secret', () => {
  const { values } = load({
    files: {
      '.env': 'WFG_ISSUER=https://test.example/\nWFG_TOKEN_ENDPOINT=https://test.example/token\n',
      '.env.prod': 'WFG_ISSUER=https://prod.example/\n',
    },
    chosen: 'prod',
  })
  assert.equal(values, { WFG_ISSUER: 'https://prod.example/' })
})

settings('loadSettings() keeps the token endpoint of a weaker source when the issuer is the same', () => {
  const file = 'WFG_ISSUER=https://test.example/\nWFG_TOKEN_ENDPOINT=https://test.example/token\n'
  const env = { WFG_ISSUER: 'https://test.example/' }
  const expected = { ...env, WFG_TOKEN_ENDPOINT: 'https://test.example/token' }
  assert.equal(load({ files: { '.env': file }, env }).values, expected)
})

settings('loadSettings() keeps the token endpoint of a weaker source that names no issuer', () => {
  const env = { WFG_ISSUER: 'https://test.example/' }
  const expected = { ...env, WFG_TOKEN_ENDPOINT: 'https://test.example/token' }
  const files = { '.env': 'WFG_TOKEN_ENDPOINT=https://test.example/token\n' }
  assert.equal(load({ files, env }).values, expected)
})

// --- the profile ---

settings('loadSettings() uses the profile "default" when .env is all there is', () => {
  assert.is(load({ files: { '.env': 'WFG_SCOPE=s\n' } }).profile, 'default')
})

settings('loadSettings() takes the profile asked for before WFG_PROFILE of the environment before that of .env', () => {
  const files = { '.env': 'WFG_PROFILE=c\n', '.env.a': '', '.env.b': '', '.env.c': '' }
  assert.is(load({ files }).profile, 'c')
  assert.is(load({ files, env: { WFG_PROFILE: 'b' } }).profile, 'b')
  assert.is(load({ files, env: { WFG_PROFILE: 'b' }, chosen: 'a' }).profile, 'a')
})

settings('loadSettings() treats an empty WFG_PROFILE as not set', () => {
  assert.is(load({ files: { '.env': 'WFG_PROFILE=\nWFG_SCOPE=s\n' } }).profile, 'default')
  assert.is(load({ files: { '.env': 'WFG_PROFILE=a\n', '.env.a': '' }, env: { WFG_PROFILE: ' ' } }).profile, 'a')
})

settings('loadSettings() reads .env.default for the profile "default" when there is one', () => {
  assert.equal(load({ files: { '.env.default': 'WFG_SCOPE=d\n' }, chosen: 'default' }).values, { WFG_SCOPE: 'd' })
  assert.equal(load({ files: {}, chosen: 'default' }).values, {})
})

settings('loadSettings() names the profiles there are when it does not know the one asked for', async () => {
  let dir = ''
  const error = await rejects(
    () =>
      load({
        files: { '.env': '', '.env.test': '', '.env.prod': '', '.env.example': '' },
        chosen: 'stagin',
        prepare: (folder) => {
          dir = folder
        },
      }),
    { instance: ConfigError, code: 'WFG_CONFIG' },
  )
  assert.is(
    error.message,
    `Cannot use the profile "stagin": there is no file ".env.stagin" in ${quotedPath(dir)}; ` +
      'the profiles here are prod, sandbox, test. Choose one of them, or write that file (see .env.example).',
  )
  assert.equal((error as ConfigError).problems, [{ name: 'WFG_PROFILE', problem: 'names no profile' }])
})

for (const chosen of ['../elsewhere/x', 'x/../../elsewhere/x', '/etc/passwd', '..', '', 'a\0b', 'a"b\n', 'example']) {
  settings(`loadSettings() refuses ${JSON.stringify(chosen)} as the name of a profile`, async () => {
    const prepare = (_dir: string, cwd: string) => writeFileSync(join(cwd, 'x'), 'WFG_CLIENT_ID=stolen\n')
    const error = await rejects(() => load({ files: { '.env': '' }, chosen, prepare }), { instance: ConfigError })
    assert.ok(error.message.startsWith(`Cannot use the profile ${JSON.stringify(chosen)}: there is no file`))
    assert.not.match(error.message, /[\n\0]/)
  })
}

settings('profileNames() gives the profiles of the files and the sandbox, sorted, without the example', () => {
  const { dir, cleanup } = place({ '.env': '', '.env.test': '', '.env.prod': '', '.env.example': '', '.envrc': '' })
  assert.equal(profileNames(dir), ['prod', 'sandbox', 'test'])
  cleanup()
})

for (const [files, chosen, found, wanted] of [
  [{ '.env.txt': 'WFG_PROTECTED=true\n' }, undefined, '.env.txt', '.env'],
  [{ '.env': '', '.env.prod.txt': 'WFG_PROTECTED=true\n' }, 'prod', '.env.prod.txt', '.env.prod'],
] as const) {
  settings(`loadSettings() refuses to pass over ${found}, which Notepad made of ${wanted}`, async () => {
    const error = await rejects(() => load({ files, ...(chosen ? { chosen } : {}) }), { instance: ConfigError })
    assert.match(error.message, new RegExp(`\\${found}": the file must be named "\\${wanted}"; rename it\\.`))
  })
}

settings('loadSettings() takes no .env.txt for a profile', () => {
  const { dir, cleanup } = place({ '.env': '', '.env.txt': '', '.env.test': '', '.env.test.txt': '' })
  assert.equal(profileNames(dir), ['sandbox', 'test'])
  assert.is(load({ files: { '.env': '', '.env.txt': 'WFG_PROFILE=test\n' } }).profile, 'default')
  cleanup()
})

// --- the sandbox ---

settings('loadSettings() chooses the sandbox when nothing is configured', () => {
  const env = { PATH: '/bin', HOME: '/home/x', WFG_CACHE_DIR: '/cache' }
  const { profile } = load({ files: { '.env.example': 'WFG_CLIENT_ID=x\n', 'tasks.ts': '', '.envrc': '' }, env })
  assert.is(profile, 'sandbox')
})

for (const [what, given] of Object.entries<Given>({
  'a variable is set': { env: { WFG_CLIENT_ID: 'x' } },
  'a variable is set and empty': { env: { WFG_GRAPHQL_URL: '' } },
  'a variable of another program of this name is set': { env: { WFG_SOMETHING: '1' } },
  'the host holds a secret': { secrets: { WFG_CLIENT_SECRET: 'x' } },
  'there is an empty .env': { files: { '.env': '' } },
  'there is only .env.prod': { files: { '.env.prod': 'WFG_CLIENT_ID=x\n' } },
  'there is a folder .env.d': { prepare: (dir) => mkdirSync(join(dir, '.env.d')) },
  'CI is true': { env: { CI: 'true' } },
  'CI is 1': { env: { CI: '1' } },
  'CI is a name': { env: { CI: 'woodpecker' } },
})) {
  settings(`loadSettings() does not choose the sandbox when ${what}`, () => {
    assert.is(load(given).profile, 'default')
  })
}

for (const CI of ['', 'false', 'FALSE', '0']) {
  settings(`loadSettings() takes CI=${JSON.stringify(CI)} for no CI`, () => {
    assert.is(load({ env: { CI } }).profile, 'sandbox')
  })
}

settings('loadSettings() chooses the sandbox anywhere when it is asked for, and reads no file then', () => {
  const files = { '.env': new Uint8Array([0, 0]), '.env.sandbox': new Uint8Array([0, 0]) }
  const env = { WFG_TIMEOUT_MS: '5', CI: 'true' }
  assert.equal(load({ files, env, chosen: 'sandbox' }).values, { WFG_TIMEOUT_MS: '5' })
  assert.is(load({ files, env: { WFG_PROFILE: 'sandbox' } }).profile, 'sandbox')
})

settings('loadSettings() chooses the sandbox when .env says so, and takes nothing else of that file', () => {
  const { profile, values } = load({ files: { '.env': 'WFG_PROFILE=sandbox\nWFG_CLIENT_ID=real\n' } })
  assert.is(profile, 'sandbox')
  assert.equal(values, {})
})

// --- the files ---

for (const [what, content, value] of [
  ['a byte order mark', '\uFEFFWFG_SCOPE=s\n', 's'],
  ['CRLF', 'WFG_SCOPE=s\r\nWFG_X=1\r\n', 's'],
  ['CRLF after quotes', 'WFG_SCOPE="s"\r\nWFG_X=1\r\n', 's'],
  ['spaces around', '  WFG_SCOPE =  s  \n', 's'],
  ['double quotes', 'WFG_SCOPE="a b # c"\n', 'a b # c'],
  ['single quotes', 'WFG_SCOPE=\'a "b" # c\'\n', 'a "b" # c'],
  ['an equals sign in the value', 'WFG_SCOPE=a=b==\n', 'a=b=='],
  ['a comment behind it', 'WFG_SCOPE=s # not this\n', 's'],
  ['`export`', 'export WFG_SCOPE=s\n', 's'],
  ['a dollar sign, which is no reference', 'WFG_SCOPE=$HOME$X\n', '$HOME$X'],
  ['several lines in quotes', 'WFG_SCOPE="one\ntwo"\n', 'one\ntwo'],
  ['no line end', 'WFG_SCOPE=s', 's'],
  ['another value before it', 'WFG_SCOPE=first\nWFG_SCOPE=s\n', 's'],
  ['letters beyond ASCII', 'WFG_SCOPE=Zoë ünï\n', 'Zoë ünï'],
] as const) {
  settings(`loadSettings() reads a value in .env with ${what}`, () => {
    assert.is(load({ files: { '.env': content } }).values['WFG_SCOPE'], value)
  })
}

const utf16 = Buffer.from('\uFEFFWFG_SCOPE=s\r\n', 'utf16le')
for (const [what, bytes] of [
  ['little endian', utf16],
  ['big endian', Buffer.from(utf16).swap16()],
] as const) {
  settings(`loadSettings() reads a .env in UTF-16 ${what}, as Windows PowerShell writes it`, () => {
    assert.is(load({ files: { '.env': bytes } }).values['WFG_SCOPE'], 's')
  })
}

for (const [what, bytes] of [
  ['UTF-16 of half a character', utf16.subarray(0, -1)],
  ['UTF-16 without a byte order mark', Buffer.from('WFG_SCOPE=s\r\n', 'utf16le')],
  ['Latin-1', Buffer.from('WFG_IMPERSONATE=J\xfcrgen\n', 'latin1')],
] as const) {
  settings(`loadSettings() refuses a .env in ${what} instead of missing its names`, async () => {
    await rejects(() => load({ files: { '.env': bytes } }), {
      instance: ConfigError,
      message:
        /^Cannot read the settings in ".+\.env": it is neither UTF-8 nor UTF-16 with a byte order mark; save it again with the encoding UTF-8\.$/,
    })
  })
}

settings('loadSettings() says so when .env is a folder', async () => {
  await rejects(() => load({ prepare: (dir) => mkdirSync(join(dir, '.env')) }), {
    instance: ConfigError,
    message: /^Cannot read the settings in ".+\.env": it is a folder; it must be a text file that you may read\.$/,
  })
})

settings('loadSettings() says so when .env may not be read', async () => {
  if (!process.getuid?.()) return notRun('a file that may not be read needs a user other than root, on Unix')
  await rejects(() => load({ files: { '.env': 'WFG_SCOPE=s\n' }, prepare: (dir) => chmodSync(join(dir, '.env'), 0) }), {
    instance: ConfigError,
    message: /: permission denied; it must be a text file that you may read\.$/,
  })
})

settings('loadSettings() does not take a folder that cannot be listed for one without settings', async () => {
  const { dir, cleanup } = place({ file: '' })
  const host = fakeHost({ env: {}, secrets: {}, cwd: () => dir })
  await rejects(() => loadSettings(host, join(dir, 'file')), {
    instance: ConfigError,
    message: /^Cannot look for settings in ".+file": it is not a folder; it must be a folder that you may read\.$/,
  })
  cleanup()
})

settings('loadSettings() takes a folder that does not exist for one without settings', () => {
  const { dir, cleanup } = place({})
  const host = fakeHost({ env: {}, secrets: {}, cwd: () => dir })
  assert.is(loadSettings(host, join(dir, 'none')).profile, 'sandbox')
  cleanup()
})

settings.run()
