import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addSecret, createRedactor, Secret } from '../../runtime/core/redact.ts'

const redact = suite('redact')

/** As identity providers make them, with every character that an encoding changes. */
const SECRET = 'kY8~Q-x_9/+="pässword" %&\\.!(z)*\''

function masked(text: string, ...secrets: string[]): string {
  const redactor = createRedactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor.text(text)
}

const bytes = Buffer.from(SECRET)
const form = new URLSearchParams({ client_secret: SECRET }).toString()
/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined, and libraries encode more than they must. */
const strict = encodeURIComponent(SECRET).replace(
  /[-_.!~*'()]/g,
  (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
)

function unicodeEscaped(written: (hex: string) => string): string {
  return SECRET.replace(/[^A-Za-z0-9]/g, (character) => {
    return `\\u${written(character.charCodeAt(0).toString(16).padStart(4, '0'))}`
  })
}

const NAMES: Readonly<Record<number, string>> = {
  34: 'quot',
  38: 'amp',
  39: 'apos',
  43: 'plus',
  47: 'sol',
  61: 'equals',
}

function entities(name: (code: number) => string): string {
  return SECRET.replace(/[^A-Za-z0-9]/g, (character) => `&${name(character.charCodeAt(0))};`)
}

const FORMS: readonly (readonly [form: string, text: string])[] = [
  ['as it is', SECRET],
  ['in a URL', encodeURIComponent(SECRET)],
  ['in a URL with hexadecimals in lower case', encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
  ['in a form', form.slice('client_secret='.length)],
  ['in a form that encodes all it may', strict],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
  ['in Base64', bytes.toString('base64')],
  ['in Base64 without padding', bytes.toString('base64').replace(/=+$/, '')],
  ['in base64url', bytes.toString('base64url')],
  ['in hexadecimals', bytes.toString('hex')],
  ['in hexadecimals in upper case', bytes.toString('hex').toUpperCase()],
  ['in JSON with \\/', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
  ['in JSON with \\u00e4', unicodeEscaped((hex) => hex)],
  ['in JSON with \\u00E4', unicodeEscaped((hex) => hex.toUpperCase())],
  ['in JSON in JSON with \\u00e4', JSON.stringify(unicodeEscaped((hex) => hex)).slice(1, -1)],
  ['in HTML with hexadecimal entities', entities((code) => `#x${code.toString(16).toUpperCase()}`)],
  ['in HTML with decimal entities', entities((code) => `#${code}`)],
  ['in HTML with padded entities', entities((code) => `#${String(code).padStart(4, '0')}`)],
  ['in HTML with named entities', entities((code) => NAMES[code] ?? `#${code}`)],
  ['in HTML in HTML', entities((code) => `#${code}`).replaceAll('&', '&amp;')],
  ['in a URL in a URL', encodeURIComponent(encodeURIComponent(SECRET))],
]
for (const [form, text] of FORMS) {
  redact(`text() masks a secret ${form}`, () => {
    // The last character of Base64 may hold bits of what follows, so it is not part of the secret's own form.
    assert.match(masked(`before ${text} after`, SECRET), /^before \[redacted\]\w?={0,2} after$/)
  })
}

for (const shift of [0, 1, 2]) {
  redact(`text() masks a secret that starts ${shift} bytes after a Base64 boundary`, () => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = Buffer.from(`${'x'.repeat(shift)}${SECRET} and more`).toString(encoding)
      const rest = masked(text, SECRET).replace('[redacted]', '')
      const unmasked = Buffer.from(text.slice(0, text.length - rest.length), encoding).toString()
      assert.ok(rest.length < text.length / 2, unmasked)
    }
  })
}

redact('text() masks the secret in an Authorization header of HTTP Basic', () => {
  for (const secret of [SECRET, strict]) {
    const header = `Basic ${Buffer.from(`client-1:${secret}`).toString('base64')}`
    const rest = masked(header, SECRET).replace('[redacted]', '')
    assert.not.match(Buffer.from(rest.replace('Basic ', ''), 'base64').toString(), 'ssword')
    assert.ok(rest.length < header.length / 2, secret)
  }
})

redact('text() masks each line of a key, and the key without the white space around it', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhk\r\niG9w0BAQEFAASCBKcw\n-----END PRIVATE KEY-----\n'
  assert.not.match(masked(key, key), /MIIEv|iG9w/)
  assert.is(masked('line 2: iG9w0BAQEFAASCBKcw', key), 'line 2: [redacted]')
  assert.is(masked('secret-value!', '  secret-value\n'), '[redacted]!')
})

redact('text() masks a token whole, without its header, and by its signature', () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLWhlcmU'
  const [, payload, signature] = token.split('.')
  assert.is(masked(`Bearer ${token}`, token), 'Bearer [redacted]')
  assert.not.match(masked(`${payload}.${signature}`, token), new RegExp(`${payload}|${signature}`))
  assert.is(masked(`…${signature}`, token), '…[redacted]')
})

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLWhlcmU'
const OPAQUE = 'a1-b2_c3~d4.e5+f6/g7h8i9j0=='
for (const token of [TOKEN, OPAQUE]) {
  // A dot at the end shows nothing.
  redact(`text() masks the first 16 characters or more of a token: ${token}`, () => {
    for (let length = 16; length <= token.length; length++) {
      assert.match(masked(`sent "${token.slice(0, length)}"`, token), /^sent "\[redacted\]\.?"$/)
      assert.is(masked(`sent ${token.slice(0, length)}...`, token).replace(/\.*$/, ''), 'sent [redacted]')
    }
    assert.is(masked(token.slice(0, 15), token), token.slice(0, 15))
  })
}

redact('text() leaves the start of a password, which may be a word', () => {
  assert.is(masked('the password-of-a-user', 'password-of-a-user-2'), 'the password-of-a-user')
})

redact('unfinished() finds the start of a secret at the end of the last line', () => {
  const redactor = createRedactor()
  for (const secret of ['first-secret', 'second\nsecret']) redactor.add(secret)
  for (const [text, kept] of [
    ['a first-sec', 'a '],
    ['a f', 'a '],
    ['a first-secret', 'a first-secret'],
    ['a first-secretf', 'a first-secret'],
    ['a first-sec\n', 'a first-sec\n'],
    ['first-sec\nb', 'first-sec\nb'],
    ['', ''],
  ] as const) {
    assert.is(text.slice(0, redactor.unfinished(text)), kept)
  }
  assert.is(createRedactor().unfinished('a f'), 3)
})

redact('text() masks every occurrence, of every secret, the longest first', () => {
  assert.is(masked('secret1 secret1-long secret1', 'secret1', 'secret1-long'), '[redacted] [redacted] [redacted]')
})

redact('text() takes a secret for a text and not for a pattern', () => {
  assert.is(masked('a.b*c(d)[e] axbbc', 'a.b*c(d)[e]'), '[redacted] axbbc')
})

redact('text() masks a secret that was added after its first use', () => {
  const redactor = createRedactor()
  redactor.add('first-secret')
  assert.is(redactor.text('second-secret'), 'second-secret')
  redactor.add('second-secret')
  assert.is(redactor.text('first-secret second-secret'), '[redacted] [redacted]')
})

redact('text() leaves alone what no secret is in, and secrets too short to tell from words', () => {
  assert.is(masked('an ordinary text'), 'an ordinary text')
  assert.is(masked('the word is open', 'open', ''), 'the word is open')
})

redact('add() takes a value that has no percent-encoding', () => {
  assert.is(masked('lone-\ud800-half', 'lone-\ud800-half'), '[redacted]')
})

for (const [url, secrets] of [
  ['postgres://wfg:s3cret%2Fword@db.example.com/wfg', ['s3cret%2Fword', 's3cret/word']],
  ['postgres://wfg:s3cr@t-word@db.example.com/wfg', ['s3cr@t-word']],
  ['postgres:///wfg?host=/run&user=wfg&password=s3cret%2Fword&x=1', ['s3cret%2Fword', 's3cret/word']],
] as const) {
  redact(`addSecret() masks the password of a URL alone, too: ${url}`, () => {
    const redactor = createRedactor()
    addSecret(redactor, url)
    for (const text of [url, ...secrets]) assert.is(redactor.text(`a ${text} b`), 'a [redacted] b')
    assert.is(redactor.text('wfg db.example.com'), 'wfg db.example.com')
  })
}

redact('addSecret() takes the user of a URL without a password for an ordinary word', () => {
  const redactor = createRedactor()
  addSecret(redactor, 'postgres://postgres@localhost/wfg')
  assert.is(redactor.text('a postgres b'), 'a postgres b')
})

redact('Secret does not show itself', () => {
  const secret = new Secret(SECRET)
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ secret }, { showHidden: true }),
  ]
  const deno = (globalThis as { Deno?: { inspect(value: unknown): string } }).Deno
  if (deno) shown.push(deno.inspect({ secret }))
  for (const text of shown) {
    assert.match(text, '[redacted]')
    assert.not.match(text, SECRET)
  }
  assert.is(secret.reveal(), SECRET)
})

redact.run()
