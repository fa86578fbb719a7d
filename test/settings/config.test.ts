import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { type Config, readConfig } from '../../runtime/settings/config.ts'
import { isServerUrl, RULES } from '../../runtime/settings/setting_rules.ts'
import type { Settings } from '../../runtime/settings/settings.ts'
import { hides, rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'

const config = suite('config')

const COMPLETE = {
  WFG_GRAPHQL_URL: 'https://workflow.example.com/wfgen/graphql',
  WFG_ISSUER: 'https://acme.eu.auth0.com/',
  WFG_CLIENT_ID: 'client-1',
  WFG_CLIENT_SECRET: 'hush-hush-hush',
}

function settingsOf(values: Readonly<Record<string, string>>, directory = '/project'): Settings {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, directory }]))
}

function read(values: Readonly<Record<string, string>>, directory?: string): Config {
  return readConfig({ profile: 'default', settings: settingsOf(values, directory) })
}

async function problemsOf(values: Readonly<Record<string, string>>, directory?: string) {
  const error = await rejects(() => read(values, directory), { instance: ConfigError, code: 'WFG_CONFIG' })
  return (error as ConfigError).problems
}

/** The problem of one more setting beside a complete set; undefined where there is none. */
async function problemWith(more: Readonly<Record<string, string>>): Promise<string | undefined> {
  const values = { ...COMPLETE, ...more }
  try {
    read(values)
    return undefined
  } catch (error) {
    assert.instance(error, ConfigError)
    const { problems } = error as ConfigError
    assert.is(problems.length, 1)
    assert.ok(problems[0]!.name in more)
    return problems[0]!.problem
  }
}

config('readConfig() gives the settings their types, and the documented defaults', () => {
  const { clientSecret, ...rest } = read(COMPLETE)
  assert.is(clientSecret?.reveal(), 'hush-hush-hush')
  assert.equal(rest, {
    profile: 'default',
    graphqlUrl: new URL('https://workflow.example.com/wfgen/graphql'),
    webUrl: undefined,
    issuer: 'https://acme.eu.auth0.com/',
    tokenEndpoint: undefined,
    clientId: 'client-1',
    privateKeyFile: undefined,
    privateKeyId: undefined,
    certificateFile: undefined,
    clientAuth: undefined,
    audience: undefined,
    resource: undefined,
    scope: undefined,
    organization: undefined,
    provider: undefined,
    impersonate: undefined,
    impersonateHeader: 'x-wfgen-impersonate-username',
    timeoutMs: 30_000,
    concurrency: 4,
    tokenCache: undefined,
    cacheDir: undefined,
    databaseUrl: undefined,
    dryRun: false,
    protected: false,
  })
})

config('readConfig() gives a frozen object that shows no secret', () => {
  const read1 = read({ ...COMPLETE, WFG_DATABASE_URL: 'postgres://wfg:s3cret-word@db.example.com/wfg' })
  assert.ok(Object.isFrozen(read1))
  const shown = [inspect(read1, { depth: 10, showHidden: true }), JSON.stringify(read1), `${read1.clientSecret}`]
  hides(shown.join('\n'), COMPLETE.WFG_CLIENT_SECRET)
  hides(shown.join('\n'), 's3cret-word')
  assert.is(read1.databaseUrl?.reveal(), 'postgres://wfg:s3cret-word@db.example.com/wfg')
})

config('readConfig() ignores spaces around a value, and treats an empty value as not set', () => {
  const found = read({ ...COMPLETE, WFG_AUDIENCE: '  api  ', WFG_SCOPE: '  ', WFG_TIMEOUT_MS: '' })
  assert.is(found.audience, 'api')
  assert.is(found.scope, undefined)
  assert.is(found.timeoutMs, 30_000)
})

config('readConfig() keeps the issuer exactly as written', () => {
  assert.is(read({ ...COMPLETE, WFG_ISSUER: 'https://as.example/tenant/' }).issuer, 'https://as.example/tenant/')
  assert.is(read({ ...COMPLETE, WFG_ISSUER: 'https://as.example' }).issuer, 'https://as.example')
})

config(
  'readConfig() takes an http or https address of the web client, with a place for the number of a request',
  () => {
    for (const url of ['https://workflow.example.com/wfgen/show?n={request}', 'http://intranet/wfgen']) {
      assert.is(read({ ...COMPLETE, WFG_WEB_URL: url }).webUrl, url)
    }
    for (const url of ['javascript:alert(1)', 'https://ann:hush@workflow.example.com/', 'workflow.example.com']) {
      assert.throws(() => read({ ...COMPLETE, WFG_WEB_URL: url }), /WFG_WEB_URL must be an http or https URL without/)
    }
  },
)

config('readConfig() reports everything that is missing at once, by name, and how to set it', async () => {
  const error = await rejects(() => read({}), { instance: ConfigError })
  assert.is(
    error.message,
    [
      'Cannot use the settings of the profile "default":',
      '  WFG_GRAPHQL_URL is not set; it is the GraphQL endpoint of WorkflowGen',
      '  WFG_CLIENT_ID is not set; it is the client ID of the registered application',
      '  WFG_CLIENT_SECRET is not set, and neither is WFG_CLIENT_SECRET_FILE',
      '  WFG_ISSUER is not set, and neither is WFG_TOKEN_ENDPOINT',
      'Set them in the environment, or in a file .env beside tasks.ts; .env.example explains each.',
    ].join('\n'),
  )
  assert.is((error as ConfigError).exitCode, 2)
})

config('readConfig() names other profiles when settings are missing, and only then', async () => {
  const loaded = { profile: 'default', settings: {}, otherProfiles: ['prod', 'test'] }
  const error = await rejects(() => readConfig(loaded), { instance: ConfigError })
  assert.match(
    error.message,
    /explains each\.\nThere are other settings: \.env\.prod \(--profile prod\), \.env\.test \(--profile test\)\. To try wfg without settings, use --profile sandbox\.$/,
  )
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const further = await rejects(() => readConfig({ ...loaded, otherProfiles: many }))
  assert.match(further.message, /, \.env\.e \(--profile e\) and 2 more\. To/)
  const wrong = { ...loaded, settings: settingsOf({ ...COMPLETE, WFG_DRY_RUN: 'perhaps' }) }
  assert.not.match((await rejects(() => readConfig(wrong))).message, 'profile prod')
})

config(
  'readConfig() refuses a secret that an unquoted # cut short, and says that rather than that it is missing',
  async () => {
    for (const value of ['hush-hush', '']) {
      const settings = {
        ...settingsOf(COMPLETE),
        WFG_CLIENT_SECRET: { value, directory: '/project', cutIn: '.env.test' },
      }
      const error = await rejects(() => readConfig({ profile: 'test', settings }), { instance: ConfigError })
      assert.equal((error as ConfigError).problems, [
        {
          name: 'WFG_CLIENT_SECRET',
          problem: 'is cut short in .env.test: an unquoted # begins a comment; put the value in single quotes',
        },
      ])
      hides(inspect(error, { depth: 10 }), 'hush-hush')
    }
  },
)

config('readConfig() reports what is missing, what is wrong and what the caller finds together', async () => {
  const further = [
    { name: 'WFG_AUDIENCE', problem: 'is not set' },
    { name: 'WFG_TIMEOUT_MS', problem: 'comes second and is left out' },
  ]
  const { WFG_CLIENT_ID: _, ...rest } = COMPLETE
  const settings = settingsOf({ ...rest, WFG_TIMEOUT_MS: 'soon', WFG_DRY_RUN: 'perhaps' })
  const error = await rejects(() => readConfig({ profile: 'prod', settings }, () => further), { instance: ConfigError })
  assert.match(error.message, /^Cannot use the settings of the profile "prod":\n/)
  assert.equal((error as ConfigError).problems, [
    { name: 'WFG_CLIENT_ID', problem: 'is not set; it is the client ID of the registered application' },
    { name: 'WFG_TIMEOUT_MS', problem: 'must be a whole number from 1 to 2147483647' },
    { name: 'WFG_DRY_RUN', problem: 'must be true or false' },
    { name: 'WFG_AUDIENCE', problem: 'is not set' },
  ])
})

/** Looks like a secret, and is wrong for every setting: a line end, a bad URL, no number. */
const SECRET = 's3cr3t-Zx81\n~with=everything&wrong'

for (const name of Object.keys(RULES)) {
  config(`readConfig() never shows the value of ${name}`, async () => {
    const directory = temporaryFolder()
    const error = await rejects(() => read({ [name]: SECRET }, directory), { instance: ConfigError })
    const shown = [error.message, error.stack, inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error)]
    hides(shown.join('\n'), 's3cr3t-Zx81', 'with=everything')
    rmSync(directory, { recursive: true })
  })
}

config('readConfig() does not show a secret that was set as the name of its file', async () => {
  const error = await rejects(() => read({ WFG_CLIENT_SECRET_FILE: 's3cr3t-Zx81' }), { instance: ConfigError })
  hides(inspect(error, { depth: 10 }), 's3cr3t-Zx81')
})

config('readConfig() does not repeat a URL with a password in it', async () => {
  const error = await rejects(() => read({ ...COMPLETE, WFG_ISSUER: 'https://user:passw0rd@as.example/' }))
  hides(inspect(error, { depth: 10 }), 'passw0rd', 'user:')
})

// --- misspellings ---

for (const [wrong, right] of [
  ['WFG_CLIENT_SERCET', 'WFG_CLIENT_SECRET'],
  ['WFG_CLIENTID', 'WFG_CLIENT_ID'],
  ['WFG_GRAPHQL_URI', 'WFG_GRAPHQL_URL'],
  ['WFG_ISUER', 'WFG_ISSUER'],
] as const) {
  config(`readConfig() finds that ${wrong} may be a misspelling when ${right} is missing`, async () => {
    const { [right]: value, ...rest } = COMPLETE
    const problems = await problemsOf({ ...rest, [wrong]: value })
    assert.is(problems.length, 1)
    assert.is(problems[0]!.name, right)
    assert.match(problems[0]!.problem, new RegExp(`^is not set.* \\(${wrong} is set: is it a misspelling\\?\\)$`))
  })
}

config('readConfig() refuses a misspelled name that would silently have no effect', async () => {
  assert.equal(await problemsOf({ ...COMPLETE, WFG_PROTECED: 'true', WFG_DRYRUN: '1' }), [
    { name: 'WFG_PROTECED', problem: 'is not a setting; did you mean WFG_PROTECTED?' },
    { name: 'WFG_DRYRUN', problem: 'is not a setting; did you mean WFG_DRY_RUN?' },
  ])
})

config('readConfig() ignores names that are not similar to a setting, or similar to one that is set', () => {
  read({ ...COMPLETE, WFG_MY_OWN: 'x', WFG_MAIL_SERVER: 'x', WFG_CLIENT_IDS: 'x' })
})

// --- URLs ---

for (const url of [
  'https://workflow.example.com/wfgen/graphql',
  'HTTPS://WORKFLOW.EXAMPLE.COM',
  'https://192.0.2.1:8443/graphql?x=1',
  'http://localhost/graphql',
  'http://localhost:4000/graphql',
  'http://127.0.0.1:4000/graphql',
  'http://127.8.9.10/graphql',
  'http://[::1]:4000/graphql',
]) {
  config(`isServerUrl() accepts ${url}`, async () => {
    assert.ok(isServerUrl(url))
    for (const name of ['WFG_GRAPHQL_URL', 'WFG_ISSUER', 'WFG_TOKEN_ENDPOINT']) {
      assert.is(await problemWith({ [name]: url }), undefined)
    }
  })
}

for (const url of [
  'http://workflow.example.com/graphql',
  'http://localhost.evil.com/',
  'http://127.0.0.1.nip.io/',
  'http://127.0.0.1@evil.com/',
  'http://evil.com#127.0.0.1',
  'http://evil.com/?localhost',
  'http://127evil.com/',
  'http://1270.0.0.1.com/',
  'http://localhost@evil.com/',
  'http://xlocalhost/',
  'http://10.0.0.1/',
  'http://0.0.0.0/',
  'http://[::2]/',
  'http://[::ffff:192.0.2.1]/',
  'https://user@workflow.example.com/',
  'https://:password@workflow.example.com/',
  'http://user:password@localhost/',
  'ftp://localhost/',
  'ws://localhost/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'workflow.example.com/graphql',
  '//workflow.example.com/graphql',
  '/graphql',
  'https://',
  'https://exa mple.com/',
]) {
  config(`isServerUrl() refuses ${url}`, async () => {
    assert.not.ok(isServerUrl(url))
    for (const name of ['WFG_GRAPHQL_URL', 'WFG_ISSUER', 'WFG_TOKEN_ENDPOINT']) {
      assert.is(
        await problemWith({ [name]: url }),
        'must be an https URL without user name and password (http is accepted for this computer only, as in http://127.0.0.1:4000/)',
      )
    }
  })
}

// --- numbers, choices, flags ---

config('readConfig() accepts a timeout from 1 ms to what a timer can hold', async () => {
  assert.is(read({ ...COMPLETE, WFG_TIMEOUT_MS: '1' }).timeoutMs, 1)
  assert.is(read({ ...COMPLETE, WFG_TIMEOUT_MS: '2147483647' }).timeoutMs, 2_147_483_647)
})

config('readConfig() accepts a concurrency from 1 to 100', async () => {
  assert.is(read({ ...COMPLETE, WFG_CONCURRENCY: '1' }).concurrency, 1)
  assert.is(read({ ...COMPLETE, WFG_CONCURRENCY: '100' }).concurrency, 100)
})

for (const value of ['0', '-1', '1.5', '1e3', '0x10', 'soon', 'NaN', 'Infinity', '30s', '1_000', '1 000', '٣']) {
  config(`readConfig() refuses ${JSON.stringify(value)} as a number`, async () => {
    assert.is(await problemWith({ WFG_TIMEOUT_MS: value }), 'must be a whole number from 1 to 2147483647')
    assert.is(await problemWith({ WFG_CONCURRENCY: value }), 'must be a whole number from 1 to 100')
  })
}

config('readConfig() refuses numbers beyond the bounds', async () => {
  assert.is(await problemWith({ WFG_TIMEOUT_MS: '2147483648' }), 'must be a whole number from 1 to 2147483647')
  assert.is(await problemWith({ WFG_TIMEOUT_MS: '9'.repeat(400) }), 'must be a whole number from 1 to 2147483647')
  assert.is(await problemWith({ WFG_CONCURRENCY: '101' }), 'must be a whole number from 1 to 100')
})

for (const [value, meant] of [
  ['true', true],
  ['TRUE', true],
  ['1', true],
  ['false', false],
  ['0', false],
] as const) {
  config(`readConfig() reads ${value} as ${meant}`, () => {
    const { dryRun, protected: isProtected } = read({ ...COMPLETE, WFG_DRY_RUN: value, WFG_PROTECTED: value })
    assert.equal([dryRun, isProtected], [meant, meant])
  })
}

for (const value of ['yes', 'on', '2', 'tru']) {
  config(`readConfig() refuses ${value} for true or false, and does not take it for false`, async () => {
    assert.is(await problemWith({ WFG_PROTECTED: value }), 'must be true or false')
  })
}

config('readConfig() names the choices if a value is not one of them', async () => {
  assert.is(
    await problemWith({ WFG_PROVIDER: 'auth-zero' }),
    'must be one of auth0, entra, entra-v1, adfs, okta, oidc, sandbox',
  )
  assert.is(
    await problemWith({ WFG_CLIENT_AUTH: 'basic' }),
    'must be one of client_secret_post, client_secret_basic, private_key_jwt',
  )
  assert.is(await problemWith({ WFG_TOKEN_CACHE: 'redis' }), 'must be one of disk, memory, off')
})

config('readConfig() refuses what could not be sent as a header', async () => {
  assert.is(await problemWith({ WFG_IMPERSONATE: 'Zoë' }), undefined)
  const expected = 'must be a user name, with characters that an HTTP header can hold'
  for (const value of ['a\nx-evil: 1', 'a\0', '王']) assert.is(await problemWith({ WFG_IMPERSONATE: value }), expected)
  for (const value of ['x y', 'x:', 'ü']) {
    assert.is(await problemWith({ WFG_IMPERSONATE_HEADER: value }), 'must be the name of an HTTP header')
  }
})

config('readConfig() needs the key and no secret for private_key_jwt', async () => {
  const { WFG_CLIENT_SECRET: _, ...rest } = COMPLETE
  assert.equal(await problemsOf({ ...rest, WFG_CLIENT_AUTH: 'private_key_jwt' }), [
    { name: 'WFG_PRIVATE_KEY_FILE', problem: 'is not set; private_key_jwt needs the private key' },
  ])
  read({ ...rest, WFG_CLIENT_AUTH: 'private_key_jwt', WFG_PRIVATE_KEY_FILE: 'key.pem' })
})

// --- files ---

config('readConfig() resolves each path from the folder of its own source', () => {
  const settings = {
    ...settingsOf(COMPLETE),
    ...settingsOf({ WFG_PRIVATE_KEY_FILE: 'keys/a.pem', WFG_CERTIFICATE_FILE: '/abs/c.pem' }, '/project'),
    ...settingsOf({ WFG_CACHE_DIR: '../cache' }, '/home/x/work'),
  }
  const { privateKeyFile, certificateFile, cacheDir } = readConfig({ profile: 'default', settings })
  const paths = ['/project/keys/a.pem', '/abs/c.pem', '/home/x/cache'].map((path) => resolve(path))
  assert.equal([privateKeyFile, certificateFile, cacheDir], paths)
})

function withSecretFile(content: string | Uint8Array | undefined, action: (directory: string) => unknown) {
  const directory = temporaryFolder()
  if (content !== undefined) writeFileSync(join(directory, 'secret'), content)
  return Promise.resolve(action(directory)).finally(() => rmSync(directory, { recursive: true, force: true }))
}

const { WFG_CLIENT_SECRET: _, ...WITHOUT_SECRET } = COMPLETE
const WITH_FILE = { ...WITHOUT_SECRET, WFG_CLIENT_SECRET_FILE: 'secret' }

const UTF_16 = Buffer.from('\uFEFFhush\r\n', 'utf16le')

for (const content of ['hush', 'hush\n', 'hush\r\n', '\n hush \n\n', '\uFEFFhush\n', UTF_16]) {
  config(`readConfig() reads the secret from a file that holds ${JSON.stringify(content)}`, async () => {
    await withSecretFile(content, (directory) => {
      assert.is(read(WITH_FILE, directory).clientSecret?.reveal(), 'hush')
    })
  })
}

for (const [what, content] of [
  ['is empty', ''],
  ['holds only a line end', '\n'],
  ['has two lines', 'hush\nhush2\n'],
  ['is UTF-16 without its mark', Buffer.from('hush', 'utf16le')],
  ['is not UTF-8', Buffer.from('h\u00fcsh', 'latin1')],
] as const) {
  config(`readConfig() refuses a secret file that ${what}`, async () => {
    await withSecretFile(content, async (directory) => {
      assert.equal(await problemsOf(WITH_FILE, directory), [
        {
          name: 'WFG_CLIENT_SECRET_FILE',
          problem: `must name a file that holds the client secret alone, in one line of UTF-8 text; a relative path starts from ${quotedPath(directory)}`,
        },
      ])
    })
  })
}

config('readConfig() says so when the secret file does not exist or is a folder', async () => {
  await withSecretFile(undefined, async (directory) => {
    const start = `; a relative path starts from ${quotedPath(directory)}`
    assert.equal(await problemsOf(WITH_FILE, directory), [
      { name: 'WFG_CLIENT_SECRET_FILE', problem: `must name a file that you may read (there is no such file)${start}` },
    ])
    assert.equal(await problemsOf({ ...WITH_FILE, WFG_CLIENT_SECRET_FILE: '.' }, directory), [
      { name: 'WFG_CLIENT_SECRET_FILE', problem: `must name a file that you may read (EISDIR)${start}` },
    ])
  })
})

config('readConfig() says which quotes keep a path whole', async () => {
  assert.equal(await problemsOf({ ...WITH_FILE, WFG_CLIENT_SECRET_FILE: 'keys\new.txt' }), [
    {
      name: 'WFG_CLIENT_SECRET_FILE',
      problem: 'must be a path on one line: between double quotes \\n is a line break, so put it between single quotes',
    },
  ])
})

config('readConfig() takes the secret itself before its file, and does not read the file then', () => {
  const { clientSecret } = read({ ...COMPLETE, WFG_CLIENT_SECRET_FILE: 'none' })
  assert.is(clientSecret?.reveal(), 'hush-hush-hush')
})

config.run()
