import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readPrivateKey, readThumbprint } from '../../runtime/auth/private_key.ts'
import { ConfigError } from '../../runtime/core/errors.ts'
import { createRedactor } from '../../runtime/core/redact.ts'
import { hides, rejects } from '../_assert.ts'
import { RUNTIME } from '../_runtime.ts'
import { CERTIFICATE_PEM, ecKey, ed25519Key, rsaKey, thumbprintBy, withFiles } from './_keys.ts'

const key = suite('auth/private_key')

const { pem, pkcs1, publicPem } = rsaKey()
const read = (path: string, rsa: 'RS256' | 'PS256' = 'RS256') => readPrivateKey(createRedactor(), path, rsa)

for (const [what, text] of [
  ['in PKCS#8', pem],
  ['in PKCS#1', pkcs1],
  ['with Windows line ends', pem.replaceAll('\n', '\r\n')],
  ['without its line ends', pem.replaceAll('\n', '')],
  ['with spaces for line ends', pem.replaceAll('\n', ' ')],
  ['with \\n for line ends', pem.trim().replaceAll('\n', '\\n')],
  ['in quotes, with \\n for line ends', `"${pem.replaceAll('\n', '\\n')}"`],
  ['with text before it', `Bag Attributes\n  localKeyID: 01\n${pem}`],
  ['with its certificate before it', `${CERTIFICATE_PEM}${pem}`],
] as const) {
  key(`readPrivateKey() reads a key ${what}`, () =>
    withFiles({ 'key.pem': text }, async (paths) => {
      const found = await read(paths['key.pem'])
      assert.equal([found.type, found.algorithm.name, found.extractable], ['private', 'RSASSA-PKCS1-v1_5', false])
    }),
  )
}

for (const [what, text, rsa, name] of [
  ['an RSA key for PS256', pem, 'PS256', 'RSA-PSS'],
  ['a P-256 key', ecKey('P-256').pem, 'PS256', 'ECDSA'],
  ['a P-384 key', ecKey('P-384').pem, 'RS256', 'ECDSA'],
  ['an Ed25519 key', ed25519Key().pem, 'RS256', 'Ed25519'],
] as const) {
  key(`readPrivateKey() reads ${what} as ${name}`, () =>
    withFiles({ 'key.pem': text }, async (paths) => {
      assert.is((await read(paths['key.pem'], rsa)).algorithm.name, name)
    }),
  )
}

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
// By hand (RFC 5915 in PKCS#8, on secp256k1): Bun can make no such key.
const otherBody = `303e020100301006072a8648ce3d020106052b8104000a042730250201010420${'01'.repeat(32)}`
const otherCurve = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(otherBody, 'hex').toString('base64')}\n-----END PRIVATE KEY-----\n`
const encryptedBody = Buffer.alloc(200, 7).toString('base64')

for (const [what, text, told] of [
  ['is a certificate', CERTIFICATE_PEM, 'the file holds CERTIFICATE'],
  ['is the public key', publicPem, 'the file holds PUBLIC KEY'],
  ['is empty', '', 'the file is not PEM, or is incomplete'],
  ['is cut', pem.slice(0, 900), 'the file is not PEM, or is incomplete'],
  ['is damaged', pem.replace(/\n.{64}/, '\n'), 'the key is damaged'],
  [
    'is protected by a passphrase',
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${encryptedBody}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
    'the key is protected by a passphrase',
  ],
  [
    'is protected by a passphrase in the old way',
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${encryptedBody}\n-----END RSA PRIVATE KEY-----\n`,
    'the key is protected by a passphrase',
  ],
  ['is too short', small as string, 'the RSA key has 1024 bits'],
  [
    'is on another curve',
    otherCurve,
    RUNTIME === 'bun' ? 'Bun does not support this kind of key' : 'JWTs do not support the curve of this EC key',
  ],
] as const) {
  key(`readPrivateKey() says so when the key ${what}, and shows neither it nor its path`, () =>
    withFiles({ 'key.pem': text }, async (paths, folder) => {
      const error = await rejects(read(paths['key.pem']), { instance: ConfigError, code: 'WFG_CONFIG' })
      assert.is(
        error.message,
        `Cannot authenticate with "private_key_jwt": WFG_PRIVATE_KEY_FILE must name a PEM file with a private key (RSA of at least 2048 bits, EC, or Ed25519), as \`openssl pkcs8 -topk8 -nocrypt\` writes it; ${told}.`,
      )
      assert.equal(
        (error as ConfigError).problems.map(({ name }) => name),
        ['WFG_PRIVATE_KEY_FILE'],
      )
      hides(error.message, folder, pem.slice(40, 80))
    }),
  )
}

key('readPrivateKey() says that there is no such file', () =>
  withFiles({}, async (_, folder) => {
    await rejects(read(join(folder, 'none.pem')), { instance: ConfigError, message: /; there is no such file\.$/ })
  }),
)

key('readPrivateKey() recognises the key itself in place of its file name, and does not show it', async () => {
  const error = await rejects(read(`/keys/${pem.replaceAll('\n', ' ')}`), {
    message: /; it holds the key itself; save the key in a file and set the path of the file\.$/,
  })
  hides(error.message, pem.slice(40, 80))
})

key('readPrivateKey() masks the key from then on', () =>
  withFiles({ 'key.pem': pem.replaceAll('\n', ' ') }, async (paths) => {
    const redactor = createRedactor()
    await readPrivateKey(redactor, paths['key.pem'], 'RS256')
    hides(redactor.text(`it is ${pem}`), pem.split('\n')[3]!)
  }),
)

key('readThumbprint() gives the SHA-1 or SHA-256 of the first certificate in the file', () =>
  withFiles({ 'both.pem': pem + CERTIFICATE_PEM, 'flat.pem': CERTIFICATE_PEM.replaceAll('\n', '\\n') }, (paths) => {
    assert.is(readThumbprint(paths['both.pem'], 'x5t'), thumbprintBy('sha1'))
    assert.is(readThumbprint(paths['flat.pem'], 'x5t#S256'), thumbprintBy('sha256'))
  }),
)

key('readThumbprint() says so when the file holds no certificate', () =>
  withFiles({ 'key.pem': pem }, async (paths) => {
    await rejects(() => readThumbprint(paths['key.pem'], 'x5t'), {
      instance: ConfigError,
      message:
        'Cannot authenticate with "private_key_jwt": WFG_CERTIFICATE_FILE must name a PEM file with the certificate that was uploaded to the identity provider; the file holds PRIVATE KEY.',
    })
  }),
)

key.run()
