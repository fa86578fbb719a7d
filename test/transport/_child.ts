/** Sends from a process of its own, whose environment names proxies and authorities. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type Certificate, certificate } from '../_certificates.ts'
import { runCli, temporaryFolder } from '../_cli.ts'
import { type Answer, type ConnectProxy, withProxy, withTls } from '../_proxy.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import type { Outcome, Sending } from './_sending.ts'

/** Signs the certificates of the tests. */
export const AUTHORITY = certificate('An authority of nobody')
/** No name server knows it; a proxy does. */
export const HOST = 'wfg.test'
export const CERTIFICATE = certificate('wfg', { hosts: [HOST, 'idp.test', '127.0.0.1'], issuer: AUTHORITY })

/** The program that sends. */
export const SENDING = fileURLToPath(new URL('_sending.ts', import.meta.url))

export interface Child {
  readonly outcomes: readonly Outcome[]
  /** `NO_PROXY` as its own children would get it. */
  readonly noProxy: string | null
}

export async function send(sendings: readonly Sending[], env: Record<string, string>): Promise<Child> {
  const { status, stdout, stderr } = await runCli([JSON.stringify(sendings)], { entry: SENDING, env })
  assert.equal([status, stderr], [0, ''])
  return JSON.parse(stdout)
}

export interface Proxied {
  readonly proxy: ConnectProxy
  readonly server: ScriptedServer
  /** With the authority trusted and `HTTPS_PROXY` set, unless `env` says otherwise. */
  send(sendings: readonly Sending[], env?: Record<string, string>): Promise<Child>
  /** What `send` adds to the environment. */
  readonly env: Record<string, string>
}

/** Runs `action` with a proxy that leads to a server that speaks TLS. */
export async function proxied(
  {
    answers = ['connect'],
    replies = [],
    tls = CERTIFICATE,
  }: {
    answers?: readonly Answer[]
    replies?: readonly ScriptedReply[]
    tls?: Certificate
  },
  action: (given: Proxied) => Promise<void>,
): Promise<void> {
  await withAuthority((trust) =>
    withServer(replies, (server) =>
      withTls(tls, server.url, (port) =>
        withProxy(port, answers, (proxy) => {
          const env = { ...trust, HTTPS_PROXY: `http://${proxy.address}` }
          return action({ proxy, server, env, send: (sendings, more) => send(sendings, { ...env, ...more }) })
        }),
      ),
    ),
  )
}

/** Runs `action` with the variables that make either runtime trust the authority. */
export async function withAuthority(action: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  const file = join(folder, 'authority.pem')
  writeFileSync(file, AUTHORITY.cert)
  try {
    await action(process.versions['deno'] ? { DENO_CERT: file } : { NODE_EXTRA_CA_CERTS: file })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
