/** Keys of every kind, in files; made once, because an RSA key takes a while. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../_cli.ts'

const made = new Map<string, { pem: string; pkcs1: string; publicPem: string }>()

/** A 2048 bit RSA key, always the same one. */
export function rsaKey() {
  let key = made.get('rsa')
  if (!key) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    key = {
      pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      pkcs1: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
      publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    }
    made.set('rsa', key)
  }
  return key
}

export function ecKey(namedCurve: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  }
}

export function ed25519Key() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  }
}

/** What is in it does not matter: its thumbprint is over all of its bytes. */
const CERTIFICATE = randomBytes(700)
export const CERTIFICATE_PEM = `-----BEGIN CERTIFICATE-----\n${CERTIFICATE.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

export function thumbprintBy(algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(CERTIFICATE).digest('base64url')
}

/** Runs `action` with the absolute paths of files that hold these texts. */
export async function withFiles<Names extends string>(
  files: Readonly<Record<Names, string>>,
  action: (paths: Record<Names, string>, folder: string) => unknown,
): Promise<void> {
  const folder = temporaryFolder()
  try {
    const paths = Object.entries<string>(files).map(([name, text]) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return [name, path]
    })
    await action(Object.fromEntries(paths), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
