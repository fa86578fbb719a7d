/** Reads the private key and the certificate of `private_key_jwt` from PEM files. */
import { createHash, createPrivateKey, type KeyObject, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import { systemCode } from '../core/system_code.ts'
import { decodeText } from '../core/text_values.ts'

type SigningKey = webcrypto.CryptoKey

/**
 * @param rsa signature algorithm of an RSA key
 * @throws {ConfigError} `WFG_CONFIG` if the file holds no usable private key
 */
export async function readPrivateKey(
  redactor: Redactor,
  path: string | undefined,
  rsa: 'RS256' | 'PS256',
): Promise<SigningKey> {
  const unusable = (found: string) => problem('WFG_PRIVATE_KEY_FILE', found, PRIVATE_KEY)
  const { label, body } = readPem(path, /PRIVATE KEY$/, unusable)
  redactor.add(wrapped(body))
  if (label === 'ENCRYPTED PRIVATE KEY') throw unusable('the key is protected by a passphrase')
  let key: KeyObject
  try {
    key = createPrivateKey(`-----BEGIN ${label}-----\n${wrapped(body)}\n-----END ${label}-----\n`)
  } catch (error) {
    const isUnknown = systemCode(error) === UNKNOWN_ON_BUN
    throw unusable(isUnknown ? 'Bun does not support this kind of key' : 'the key is damaged')
  }
  const algorithm = algorithmOf(key, rsa)
  if (typeof algorithm === 'string') throw unusable(algorithm)
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']).catch(() => {
    throw unusable('the key is damaged')
  })
}

/**
 * Returns the thumbprint of the certificate, in base64url. It tells Microsoft which uploaded certificate belongs to the key.
 *
 * @throws {ConfigError} `WFG_CONFIG` if the file holds no certificate
 */
export function readThumbprint(path: string | undefined, name: 'x5t' | 'x5t#S256'): string {
  const unusable = (found: string) => problem('WFG_CERTIFICATE_FILE', found, CERTIFICATE)
  const { body } = readPem(path, /^CERTIFICATE$/, unusable)
  const hash = createHash(name === 'x5t' ? 'sha1' : 'sha256')
  return hash.update(Buffer.from(body, 'base64')).digest('base64url')
}

// --- internal ---

/** Bun's error for a key on secp256k1, for example. Node and Deno read such a key. */
const UNKNOWN_ON_BUN = 'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM'

const PRIVATE_KEY =
  'a PEM file with a private key (RSA of at least 2048 bits, EC, or Ed25519), as `openssl pkcs8 -topk8 -nocrypt` writes it'
const CERTIFICATE = 'a PEM file with the certificate that was uploaded to the identity provider'

/** Leaves out the path, because somebody may have set the key itself in place of a path. */
function problem(name: string, found: string, wanted: string): ConfigError {
  const text = `must name ${wanted}; ${found}`
  return new ConfigError(`Cannot authenticate with "private_key_jwt": ${name} ${text}.`, {
    problems: [{ name, problem: text }],
  })
}

/** A PEM block. An environment variable may have lost its line breaks, or turned them into the two characters \n. */
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----((?:[A-Za-z0-9+/=\s]|\\r|\\n)+?)-----END \1-----/g

function readPem(
  path: string | undefined,
  wanted: RegExp,
  unusable: (found: string) => ConfigError,
): { label: string; body: string } {
  if (path?.includes('-----BEGIN'))
    throw unusable('it holds the key itself; save the key in a file and set the path of the file')
  const text = readText(path, unusable)
  const blocks = [...text.matchAll(PEM)].map(([, label = '', body = '']) => ({ label, body }))
  const found = blocks.find(({ label }) => wanted.test(label))
  if (found) return { label: found.label, body: found.body.replace(/\\[rn]|\s/g, '') }
  if (text.includes('Proc-Type: 4,ENCRYPTED')) throw unusable('the key is protected by a passphrase')
  const labels = [...new Set(blocks.map(({ label }) => label))]
  throw unusable(labels.length > 0 ? `the file holds ${labels.join(' and ')}` : 'the file is not PEM, or is incomplete')
}

function readText(path: string | undefined, unusable: (found: string) => ConfigError): string {
  try {
    const bytes = path === undefined ? undefined : readFileSync(path)
    // Beside the key there may be names in another encoding.
    if (bytes !== undefined) return decodeText(bytes) ?? bytes.toString()
  } catch (error) {
    const code = systemCode(error)
    throw unusable(code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`)
  }
  throw unusable('it is not set')
}

function wrapped(base64: string): string {
  return base64.replace(/.{64}(?=.)/g, '$&\n')
}

/** Returns the algorithm for WebCrypto, or a text that says why the key cannot be used. */
function algorithmOf(
  key: KeyObject,
  rsa: 'RS256' | 'PS256',
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm | string {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < 2048) return `the RSA key has ${modulusLength} bits`
      return { name: rsa === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    case 'ec': {
      const curve = CURVES[namedCurve ?? '']
      return curve === undefined ? 'JWTs do not support the curve of this EC key' : { name: 'ECDSA', namedCurve: curve }
    }
    case 'ed25519':
      return { name: 'Ed25519' }
    default:
      return `the key is of the type ${key.asymmetricKeyType}`
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }
