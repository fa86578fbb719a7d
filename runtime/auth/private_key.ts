/** The private key and the certificate of `private_key_jwt`, from PEM files. */
import { createHash, createPrivateKey, type KeyObject, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import { systemCode } from '../core/system_code.ts'

type SigningKey = webcrypto.CryptoKey

/**
 * @param rsa how an RSA key signs
 * @throws {ConfigError} `WFG_CONFIG` when the file holds no usable private key
 */
export async function readPrivateKey(
  redactor: Redactor,
  path: string | undefined,
  rsa: 'RS256' | 'PS256',
): Promise<SigningKey> {
  const unusable = (found: string) => problem('WFG_PRIVATE_KEY_FILE', found, PRIVATE_KEY)
  const { label, body } = readPem(path, /PRIVATE KEY$/, unusable)
  redactor.add(wrapped(body))
  if (label === 'ENCRYPTED PRIVATE KEY') throw unusable('its key is protected by a passphrase')
  let key: KeyObject
  try {
    key = createPrivateKey(`-----BEGIN ${label}-----\n${wrapped(body)}\n-----END ${label}-----\n`)
  } catch (error) {
    const isUnknown = systemCode(error) === UNKNOWN_ON_BUN
    throw unusable(isUnknown ? 'its key is of a kind that Bun does not know' : 'its key is damaged')
  }
  const algorithm = algorithmOf(key, rsa)
  if (typeof algorithm === 'string') throw unusable(algorithm)
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']).catch(() => {
    throw unusable('its key is damaged')
  })
}

/**
 * The thumbprint of the certificate, in base64url: what tells Microsoft which of the uploaded ones belongs to the key.
 *
 * @throws {ConfigError} `WFG_CONFIG` when the file holds no certificate
 */
export function readThumbprint(path: string | undefined, name: 'x5t' | 'x5t#S256'): string {
  const unusable = (found: string) => problem('WFG_CERTIFICATE_FILE', found, CERTIFICATE)
  const { body } = readPem(path, /^CERTIFICATE$/, unusable)
  const hash = createHash(name === 'x5t' ? 'sha1' : 'sha256')
  return hash.update(Buffer.from(body, 'base64')).digest('base64url')
}

// --- internal ---

/** Such as a key on secp256k1; the others read it, so that more can be said. */
const UNKNOWN_ON_BUN = 'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM'

const PRIVATE_KEY =
  'a file with a private key in PEM, as `openssl pkcs8 -topk8 -nocrypt` writes it: RSA of at least 2048 bits, EC, or Ed25519'
const CERTIFICATE = 'a file with the certificate in PEM, the one that was uploaded at the identity provider'

/** The path is left out: where a key was set in place of its file's name, it would be shown. */
function problem(name: string, found: string, wanted: string): ConfigError {
  const text = `must name ${wanted}; ${found}`
  return new ConfigError(`Cannot authenticate with "private_key_jwt": ${name} ${text}.`, {
    problems: [{ name, problem: text }],
  })
}

/** Also one whose line ends were lost or became the two characters \n on their way through an environment variable. */
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----((?:[A-Za-z0-9+/=\s]|\\r|\\n)+?)-----END \1-----/g

function readPem(
  path: string | undefined,
  wanted: RegExp,
  unusable: (found: string) => ConfigError,
): { label: string; body: string } {
  if (path?.includes('-----BEGIN')) throw unusable('it holds the key itself; write that to a file and name the file')
  const text = readText(path, unusable)
  const blocks = [...text.matchAll(PEM)].map(([, label = '', body = '']) => ({ label, body }))
  const found = blocks.find(({ label }) => wanted.test(label))
  if (found) return { label: found.label, body: found.body.replace(/\\[rn]|\s/g, '') }
  if (text.includes('Proc-Type: 4,ENCRYPTED')) throw unusable('its key is protected by a passphrase')
  const labels = [...new Set(blocks.map(({ label }) => label))]
  throw unusable(
    labels.length > 0 ? `the file holds ${labels.join(' and ')}` : 'the file is no PEM, or a part of it is missing',
  )
}

function readText(path: string | undefined, unusable: (found: string) => ConfigError): string {
  try {
    if (path !== undefined) return readFileSync(path, 'utf8')
  } catch (error) {
    const code = systemCode(error)
    throw unusable(code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`)
  }
  throw unusable('it is not set')
}

function wrapped(base64: string): string {
  return base64.replace(/.{64}(?=.)/g, '$&\n')
}

/** In the words of WebCrypto; a text says why there is none. */
function algorithmOf(
  key: KeyObject,
  rsa: 'RS256' | 'PS256',
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm | string {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < 2048) return `its RSA key has ${modulusLength} bits`
      return { name: rsa === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    case 'ec': {
      const curve = CURVES[namedCurve ?? '']
      return curve === undefined
        ? 'its EC key is on a curve that JWTs do not know'
        : { name: 'ECDSA', namedCurve: curve }
    }
    case 'ed25519':
      return { name: 'Ed25519' }
    default:
      return `its key is of the kind ${key.asymmetricKeyType}`
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }
