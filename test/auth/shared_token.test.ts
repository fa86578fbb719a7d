import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AccessTokenError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { hides, rejects } from '../_assert.ts'
import { SECRET } from './_config.ts'
import { issue, modeOf, START_MS, type StartOptions, tokenOf, withSharing } from './_sharing.ts'

const shared = suite('auth/shared_token')

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const onWindows = process.platform === 'win32'
const NEVER: StartOptions = { replies: [] }

// --- what is shared ---

shared('get() gives the token that another process requested, and requests none', () =>
  withSharing(async ({ start }) => {
    assert.is(await start({ replies: [issue(1)] }).source.get(), tokenOf(1))
    const second = start({ ...NEVER, startMs: START_MS + 10 * MINUTE })
    assert.is(await second.source.get(), tokenOf(1))
    assert.is(second.host.redactor.text(`it is ${tokenOf(1)}`), 'it is [redacted]')
    assert.equal(second.debug, [])
  }),
)

shared('get() leaves a folder and files that only their user can read, and no secret', () =>
  withSharing(async ({ start, folder, names, path }) => {
    await start({ replies: [issue(1)] }).source.get()
    assert.equal(names(), ['.2026-11.log', '.json'])
    if (!onWindows) assert.equal([folder, path('.json'), path('.log')].map(modeOf), ['700', '600', '600'])
    hides(readFileSync(path('.json'), 'utf8') + readFileSync(path('.log'), 'utf8') + names().join(), SECRET)
    const { value, ...rest } = JSON.parse(readFileSync(path('.json'), 'utf8'))
    assert.is(value, tokenOf(1))
    assert.equal(rest, {
      version: 1,
      requestedAtMs: START_MS,
      lifetimeSeconds: 3600,
      provider: 'oidc',
      audience: 'https://api.example/',
      quota: {},
    })
  }),
)

shared('get() requests a token when the shared one has ended', () =>
  withSharing(async ({ start }) => {
    await start({ replies: [issue(1)] }).source.get()
    const later = start({ replies: [issue(2)], startMs: START_MS + HOUR - 30_000 })
    assert.is(await later.source.get(), tokenOf(2))
    assert.is(await start({ startMs: START_MS + HOUR }).source.get(), tokenOf(2))
  }),
)

shared('get() renews the shared token in the background, for other processes as well', () =>
  withSharing(async ({ start }) => {
    const first = start({ replies: [issue(1)] })
    await first.source.get()
    const soon = start({ replies: [issue(2)], startMs: START_MS + HOUR - 4 * MINUTE })
    assert.is(await soon.source.get(), tokenOf(1))
    while (soon.source.status().remainingMs! < HOUR) await new Promise((resolve) => setImmediate(resolve))
    assert.is(await soon.source.get(), tokenOf(2))
    // The first process is as far, and takes what the other one got.
    await first.host.advance(HOUR - 4 * MINUTE)
    await first.source.get()
    while (first.source.status().remainingMs! < HOUR) await new Promise((resolve) => setImmediate(resolve))
    assert.is(await first.source.get(), tokenOf(2))
    assert.is(first.requests(), 1)
  }),
)

shared('get() takes the token of another process after a 401 for the one before it', () =>
  withSharing(async ({ start }) => {
    const first = start({ replies: [issue(1)] })
    const second = start()
    const third = start({ replies: [issue(3)] })
    for (const { source } of [first, second, third]) assert.is(await source.get(), tokenOf(1))
    for (const { host } of [first, second, third]) await host.advance(MINUTE)
    third.source.invalidate(tokenOf(1))
    assert.is(await third.source.get(), tokenOf(3))
    for (const { source } of [first, second]) {
      source.invalidate(tokenOf(1))
      assert.is(await source.get(), tokenOf(3))
    }
  }),
)

shared('get() does not take a refused token from the disk again, nor call it valid', () =>
  withSharing(async ({ start }) => {
    const { source, host } = start({ replies: [issue(1), { status: 401, body: { error: 'invalid_client' } }] })
    await source.get()
    await host.advance(MINUTE)
    source.invalidate(tokenOf(1))
    assert.is(source.status().valid, false)
    await rejects(source.get(), { instance: AccessTokenError })
    await rejects(source.get(), { instance: AccessTokenError })
    host.transport.assertUsedUp()
  }),
)

shared('get() requests another token when one of another process is fresh and was refused', () =>
  withSharing(async ({ start }) => {
    await start({ replies: [issue(1)] }).source.get()
    const { source, host } = start({ startMs: START_MS + 2000, replies: [issue(2)] })
    source.invalidate(await source.get())
    const again = source.get()
    await host.advance(1000)
    assert.is(await again, tokenOf(2))
  }),
)

for (const [what, settings] of [
  ['token endpoint', { WFG_TOKEN_ENDPOINT: 'https://as.example/other' }],
  ['client', { WFG_CLIENT_ID: 'client-2' }],
  ['secret', { WFG_CLIENT_SECRET: 'another secret' }],
  ['client authentication', { WFG_CLIENT_AUTH: 'client_secret_basic' }],
  ['audience', { WFG_AUDIENCE: 'https://api.example' }],
  ['resource', { WFG_RESOURCE: 'r' }],
  ['scope', { WFG_SCOPE: 's' }],
  ['organization', { WFG_ORGANIZATION: 'o' }],
] as const) {
  shared(`get() does not give the token of another ${what}`, () =>
    withSharing(async ({ start, names }) => {
      await start({ replies: [issue(1)] }).source.get()
      assert.is(await start({ replies: [issue(2)], settings: { ...settings } }).source.get(), tokenOf(2))
      assert.is(names().filter((name) => name === '.json').length, 2)
      assert.is(await start().source.get(), tokenOf(1))
    }),
  )
}

shared('get() does not give the token of another private key in the same file', () =>
  withSharing(async ({ start, folder }) => {
    const keyFile = join(dirname(folder), 'key.pem')
    const settings = { WFG_CLIENT_AUTH: 'private_key_jwt', WFG_PRIVATE_KEY_FILE: keyFile }
    const { rsaKey } = await import('./_keys.ts')
    mkdirSync(dirname(folder), { recursive: true })
    writeFileSync(keyFile, rsaKey().pem)
    assert.is(await start({ replies: [issue(1)], settings }).source.get(), tokenOf(1))
    assert.is(await start({ settings }).source.get(), tokenOf(1))
    writeFileSync(keyFile, rsaKey().pkcs1)
    assert.is(await start({ replies: [issue(2)], settings }).source.get(), tokenOf(2))
  }),
)

// --- files that are not used ---

const newer = (text: string) => JSON.stringify({ ...JSON.parse(text), version: 2, value: 5 })
const changed = (more: object) => (text: string) => JSON.stringify({ ...JSON.parse(text), ...more })

for (const [what, change, told] of [
  ['truncated', (text: string) => text.slice(0, -200), 'it is damaged'],
  ['empty', () => '', 'it is empty'],
  ['of a newer version', newer, 'it was written by a newer version'],
  ['null', () => 'null', 'it is damaged'],
  ['without a token', changed({ value: '' }), 'it is damaged'],
  ['with a token that no header can hold', changed({ value: 'a\r\nb: c' }), 'it is damaged'],
  ['without a lifetime', changed({ lifetimeSeconds: null }), 'it is damaged'],
  [
    'with a token endpoint that is no https URL',
    changed({ discovery: { tokenEndpoint: 'http://x/', atMs: 0 } }),
    'it is damaged',
  ],
  ['with a moment that no calendar has', changed({ requestedAtMs: -1e300 }), 'it is damaged'],
  ['longer than any token', (text: string) => text + ' '.repeat(1024 * 1024), 'it is too large'],
  ['from the future', changed({ requestedAtMs: START_MS + HOUR }), 'its date is in the future'],
] as const) {
  shared(`get() requests a token, and says why once, when the file is ${what}; then the file is right again`, () =>
    withSharing(async ({ start, path }) => {
      await start({ replies: [issue(1)] }).source.get()
      const file = path('.json')
      writeFileSync(file, change(readFileSync(file, 'utf8')))
      const { source, debug } = start({ replies: [issue(2)] })
      assert.is(await source.get(), tokenOf(2))
      assert.equal(debug, [`the file ${quotedPath(file)} is not used: ${told}`, ASKED])
      assert.is(await start().source.get(), tokenOf(2))
    }),
  )
}

const ASKED = 'no usable token is kept, so one is requested'

for (const [what, spoil, told] of [
  ['is readable by the group', (path: string) => chmodSync(path, 0o640), 'other users have access to it'],
  ['is writable by others', (path: string) => chmodSync(path, 0o602), 'other users have access to it'],
  [
    'is a symbolic link',
    (path: string) => {
      writeFileSync(`${path}.target`, readFileSync(path), { mode: 0o600 })
      rmSync(path)
      symlinkSync(`${path}.target`, path)
    },
    'it is a symbolic link',
  ],
] as const) {
  shared(`get() requests a token when the file ${what}, and replaces it`, () =>
    withSharing(async ({ start, path }) => {
      if (onWindows) return
      await start({ replies: [issue(1)] }).source.get()
      const file = path('.json')
      spoil(file)
      const { source, debug } = start({ replies: [issue(2)] })
      assert.is(await source.get(), tokenOf(2))
      assert.equal(debug, [`the file ${quotedPath(file)} is not used: ${told}`, ASKED])
      assert.is(modeOf(file), '600')
      assert.is(await start().source.get(), tokenOf(2))
      if (existsSync(`${file}.target`)) assert.match(readFileSync(`${file}.target`, 'utf8'), tokenOf(1))
    }),
  )
}

shared('get() uses and writes nothing in a folder of another user', () =>
  withSharing(async ({ start, path }) => {
    await start({ replies: [issue(1)] }).source.get()
    const before = readFileSync(path('.json'), 'utf8')
    const { source, debug } = start({ replies: [issue(2)], host: { userId: () => 4242 } })
    assert.is(await source.get(), tokenOf(2))
    assert.match(debug.join('\n'), 'is not used: it belongs to another user')
    assert.match(debug.join('\n'), 'cannot be used (it belongs to another user)')
    assert.is(readFileSync(path('.json'), 'utf8'), before)
  }),
)

shared('get() requests a token when the file is a folder, and goes on without sharing', () =>
  withSharing(async ({ start, path }) => {
    await start({ replies: [issue(1)] }).source.get()
    const file = path('.json')
    rmSync(file)
    mkdirSync(file)
    const { source, debug } = start({ replies: [issue(2)] })
    assert.is(await source.get(), tokenOf(2))
    assert.is(source.status().source, 'memory')
    assert.match(debug.join('\n'), 'the token is not shared with other processes')
  }),
)

shared('get() removes what a process that died while it wrote left behind, and leaves what may still be written', () =>
  withSharing(async ({ start, names, path }) => {
    await start({ replies: [issue(1)] }).source.get()
    const leftovers = ['old', 'new'].map((name) => `${path('.json')}.${name}.tmp`)
    for (const leftover of leftovers) writeFileSync(leftover, 'half')
    utimesSync(leftovers[0]!, START_MS / 1000 - 90, START_MS / 1000 - 90)
    utimesSync(leftovers[1]!, START_MS / 1000 - 30, START_MS / 1000 - 30)
    start().source.clear()
    await start({ replies: [issue(2)] }).source.get()
    assert.equal(names(), ['.2026-11.log', '.json', '.json.new.tmp'])
  }),
)

// --- places that cannot be used ---

shared('get() works where the folder cannot be made, and says so', () =>
  withSharing(async ({ start, folder }) => {
    mkdirSync(dirname(folder), { recursive: true })
    writeFileSync(folder, 'a file')
    const { source, debug } = start({ replies: [issue(1)] })
    assert.is(await source.get(), tokenOf(1))
    assert.is(await source.get(), tokenOf(1))
    assert.match(debug.join('\n'), /the folder ".*" cannot be used \((EEXIST|ENOTDIR|it is not a folder)/)
    source.clear()
  }),
)

shared('get() works where no folder can be', () =>
  withSharing(async ({ start }) => {
    if (process.platform !== 'linux') return
    const { source, debug } = start({ replies: [issue(1)], settings: { WFG_CACHE_DIR: '/proc/wfg/cache' } })
    assert.is(await source.get(), tokenOf(1))
    assert.match(debug.join('\n'), 'the folder "/proc/wfg/cache" cannot be used (ENOENT)')
  }),
)

shared('get() follows no symbolic link for the folder', () =>
  withSharing(async ({ start, folder }) => {
    if (onWindows) return
    const target = join(dirname(folder), 'target')
    mkdirSync(target, { recursive: true })
    symlinkSync(target, folder)
    const { source, debug } = start({ replies: [issue(1)] })
    assert.is(await source.get(), tokenOf(1))
    assert.match(debug.join('\n'), 'cannot be used (it is not a folder, or a link to one)')
    assert.equal(readdirSync(target), [])
  }),
)

shared('get() makes an empty folder private, and leaves one with something in it as it is', () =>
  withSharing(async ({ start, folder }) => {
    if (onWindows) return
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o755)
    await start({ replies: [issue(1)] }).source.get()
    assert.is(modeOf(folder), '700')
    chmodSync(folder, 0o755)
    await start({ replies: [issue(2)], settings: { WFG_SCOPE: 's' } }).source.get()
    assert.is(modeOf(folder), '755')
  }),
)

shared('get() works without HOME, and says what to do', async () => {
  await withSharing(async ({ start, folder }) => {
    const { source, debug } = start({ replies: [issue(1)], settings: { WFG_CACHE_DIR: '' } })
    assert.is(await source.get(), tokenOf(1))
    assert.equal(debug, ['the token is not shared: there is no cache folder; set WFG_CACHE_DIR', ASKED])
    assert.is(source.status().requestedThisMonth, undefined)
    assert.not.ok(existsSync(folder))
  })
})

// --- modes ---

shared('get() writes no token with WFG_TOKEN_CACHE=memory, and counts it', () =>
  withSharing(async ({ start, names }) => {
    const { source } = start({ replies: [issue(1)], settings: { WFG_TOKEN_CACHE: 'memory' } })
    await source.get()
    assert.is(await source.get(), tokenOf(1))
    assert.equal(names(), ['.2026-11.log'])
    assert.equal([source.status().source, source.status().requestedThisMonth], ['memory', 1])
  }),
)

for (const [what, options] of [
  ['with WFG_TOKEN_CACHE=off', { settings: { WFG_TOKEN_CACHE: 'off' } }],
  ['in CI', { host: { env: { CI: 'true' } } }],
  ['in a CI that does not set CI', { host: { env: { TF_BUILD: 'True' } } }],
  ['for the sandbox', { settings: { WFG_PROVIDER: 'sandbox', WFG_TOKEN_CACHE: 'disk' } }],
] as const) {
  shared(`get() writes nothing ${what}`, () =>
    withSharing(async ({ start, folder }) => {
      const { source } = start({ ...options, replies: [issue(1)] })
      assert.is(await source.get(), tokenOf(1))
      assert.is(await source.get(), tokenOf(1))
      source.clear()
      assert.not.ok(existsSync(folder))
    }),
  )
}

shared('get() shares in CI with WFG_TOKEN_CACHE=disk, and where CI is false', () =>
  withSharing(async ({ start }) => {
    const disk = { settings: { WFG_TOKEN_CACHE: 'disk' }, host: { env: { CI: '1' } } }
    await start({ ...disk, replies: [issue(1)] }).source.get()
    assert.is(await start(disk).source.get(), tokenOf(1))
    assert.is(await start({ host: { env: { CI: 'false' } } }).source.get(), tokenOf(1))
  }),
)

for (const expires_in of [undefined, -1, 'soon', 1e99]) {
  shared(`get() keeps a token in memory alone when expires_in is ${expires_in}`, () =>
    withSharing(async ({ start, names }) => {
      await start({ replies: [issue(1, { expires_in })] }).source.get()
      assert.equal(names(), ['.2026-11.log'])
      await start({ replies: [issue(2, { expires_in })] }).source.get()
    }),
  )
}

shared('get() has GitHub Actions mask the token before it gives it, also one from the disk', () =>
  withSharing(async ({ start }) => {
    const options = { settings: { WFG_TOKEN_CACHE: 'disk' }, host: { env: { GITHUB_ACTIONS: 'true', CI: 'true' } } }
    for (const replies of [[issue(1)], []]) {
      const { source, host } = start({ ...options, replies })
      await source.get()
      await source.get()
      assert.is(host.err, `::add-mask::${tokenOf(1)}\n`)
      assert.is(host.out, '')
    }
    const elsewhere = start()
    await elsewhere.source.get()
    assert.is(elsewhere.host.err, '')
  }),
)

// --- status, clear, count ---

shared('status() tells of the token on the disk, without a request', () =>
  withSharing(async ({ start }) => {
    const headers = { 'Auth0-Client-Quota-Limit': 'b=per_hour;q=10;r=7;t=3540' }
    await start({ replies: [{ ...(issue(1) as object), headers: lower(headers) }] }).source.get()
    const { source } = start({ startMs: START_MS + 10 * MINUTE })
    const told = {
      valid: true,
      requestedAtMs: START_MS,
      remainingMs: 50 * MINUTE,
      lifetimeMs: HOUR,
      source: 'disk',
      requestedThisMonth: 1,
      quota: { 'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540' },
    }
    assert.equal(source.status(), told)
    await source.get()
    assert.equal(source.status(), told)
  }),
)

shared('status() counts the tokens of the month by UTC, and drops the months before', () =>
  withSharing(async ({ start, names }) => {
    const end = Date.UTC(2026, 10, 30, 23, 59, 30)
    const requestAt = async (startMs: number, number: number) => {
      const { source } = start({ startMs, replies: [issue(number, { expires_in: 10 })] })
      await source.get()
      return source.status().requestedThisMonth
    }
    assert.is(await requestAt(end - MINUTE, 1), 1)
    assert.is(await requestAt(end, 2), 2)
    assert.is(await requestAt(end + MINUTE, 3), 1)
    assert.equal(names(), ['.2026-12.log', '.json'])
  }),
)

shared('clear() removes the token from the disk and leaves the count', () =>
  withSharing(async ({ start, names }) => {
    const { source } = start({ replies: [issue(1)] })
    await source.get()
    start().source.clear()
    assert.equal(names(), ['.2026-11.log'])
    assert.is(await start({ replies: [issue(2)] }).source.get(), tokenOf(2))
  }),
)

shared('clear() keeps the token of a request before it off the disk', () =>
  withSharing(async ({ start, names }) => {
    let answer: () => void = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    let sent: () => void = () => {}
    const isSent = new Promise<void>((resolve) => {
      sent = resolve
    })
    const slow = async () => {
      sent()
      await asked
      return issue(1) as object
    }
    const { source } = start({ replies: [slow] })
    const waiting = source.get()
    await isSent
    source.clear()
    answer()
    assert.is(await waiting, tokenOf(1))
    assert.equal(names(), [])
  }),
)

// --- discovery ---

shared('get() discovers the token endpoint once a day for all processes', () =>
  withSharing(async ({ start }) => {
    const settings = { WFG_TOKEN_ENDPOINT: '', WFG_ISSUER: 'https://as.example/realm' }
    const metadata = { body: { issuer: 'https://as.example/realm', token_endpoint: 'https://as.example/t' } }
    const sent = async (startMs: number, replies: StartOptions['replies']) => {
      const { source, host } = start({ settings, startMs, replies: replies! })
      await source.get()
      return host.transport.requests.map(({ url }) => url.pathname)
    }
    const discovery = '/realm/.well-known/openid-configuration'
    assert.equal(await sent(START_MS, [metadata, issue(1)]), [discovery, '/t'])
    assert.equal(await sent(START_MS + HOUR, [issue(2)]), ['/t'])
    assert.equal(await sent(START_MS + 23.5 * HOUR, [issue(3)]), ['/t'])
    assert.equal(await sent(START_MS + 24.5 * HOUR, [metadata, issue(4)]), [discovery, '/t'])
  }),
)

shared('get() keeps the way to send the secret that the metadata asks for', () =>
  withSharing(async ({ start }) => {
    const settings = { WFG_TOKEN_ENDPOINT: '', WFG_ISSUER: 'https://as.example/realm' }
    const methods = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
    const body = { issuer: 'https://as.example/realm', token_endpoint: 'https://as.example/t', ...methods }
    const sent = async (startMs: number, replies: NonNullable<StartOptions['replies']>) => {
      const { source, host } = start({ settings, startMs, replies })
      await source.get()
      return lower(host.transport.requests.at(-1)!.headers)['authorization']?.split(' ')[0]
    }
    assert.is(await sent(START_MS, [{ body }, issue(1)]), 'Basic')
    assert.is(await sent(START_MS + HOUR, [issue(2)]), 'Basic')
  }),
)

function lower(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

shared.run()
