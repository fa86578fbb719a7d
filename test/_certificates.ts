/** Certificates for servers on loopback (RFC 5280), written out here so that a test needs no other program. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  /** Of the certificate, in PEM. */
  readonly cert: string
  /** Of the private key, in PEM. */
  readonly key: string
}

export interface CertificateOptions {
  /** Host names and IPv4 addresses that it is made out for. Default: none, and then it is an authority. */
  hosts?: readonly string[]
  /** Default: itself. */
  issuer?: Certificate & { readonly name: string }
  /** Default: a day ago. */
  notBefore?: Date
  /** Default: in a day. */
  notAfter?: Date
}

const DAY_MS = 86_400_000

/** @param name its common name, and that of the issuer where it is its own */
export function certificate(name: string, options: CertificateOptions = {}): Certificate & { readonly name: string } {
  const nowMs = Date.now()
  const { hosts = [], issuer, notBefore = new Date(nowMs - DAY_MS), notAfter = new Date(nowMs + DAY_MS) } = options
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = hosts.length > 0 ? [extension(SUBJECT_ALT_NAME, names(hosts))] : [extension(CONSTRAINTS, CA, true)]
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1, ...randomBytes(8)]),
    ECDSA_SHA256,
    commonName(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuer ? createPrivateKey(issuer.key) : privateKey)
  const whole = sequence(body, ECDSA_SHA256, der(0x03, [0, ...signature]))
  return { name, cert: pem(whole), key: pemOf(privateKey) }
}

// --- internal ---

type Bytes = readonly number[] | Uint8Array

/** One value in the encoding of X.690: its tag, its length, its content. */
function der(tag: number, ...content: Bytes[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)))
  const size = bytes.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.from([tag, ...length, ...bytes])
}

function sequence(...content: Bytes[]): Buffer {
  return der(0x30, ...content)
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

const ECDSA_SHA256 = sequence(objectId('2a8648ce3d040302'))
const COMMON_NAME = objectId('550403')
const SUBJECT_ALT_NAME = objectId('551d11')
const CONSTRAINTS = objectId('551d13')
const TRUE = der(0x01, [0xff])
const CA = sequence(TRUE)

function extension(id: Buffer, value: Buffer, isCritical = false): Buffer {
  return sequence(id, ...(isCritical ? [TRUE] : []), der(0x04, value))
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))))
}

function names(hosts: readonly string[]): Buffer {
  const isAddress = (host: string) => /^[\d.]+$/.test(host)
  const each = hosts.map((host) =>
    isAddress(host) ? der(0x87, host.split('.').map(Number)) : der(0x82, Buffer.from(host)),
  )
  return sequence(...each)
}

/** UTCTime: two digits of the year. */
function time(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}
