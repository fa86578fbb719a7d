/** Sends from a process of its own, whose environment names proxies and authorities. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Certificate, certificate } from '../_certificates.ts'
import { temporaryFolder } from '../_cli.ts'
import { compiled } from '../_compiled.ts'
import { type LineChild, startLineChild } from '../_line_child.ts'
import { type Answer, type ConnectProxy, withProxy, withTls } from '../_proxy.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import type { Outcome, Sending } from './_sending.ts'

/** Signs the certificates of the tests. */
export const AUTHORITY = certificate('An authority of nobody')
/** No name server knows it; a proxy does. */
export const HOST = 'wfg.test'
export const CERTIFICATE = certificate('wfg', { hosts: [HOST, 'idp.test', '127.0.0.1'], issuer: AUTHORITY })

export interface Child {
  readonly outcomes: readonly Outcome[]
  /** `NO_PROXY` as its own children would get it. */
  readonly noProxy: string | null
}

export interface Senders {
  /** Sends with these proxies from a process that trusts the authority, or from one that does not. */
  send(sendings: readonly Sending[], env: Record<string, string>, isTrusting: boolean): Promise<Child>
  /** What follows the program of the runtime to start another one. */
  readonly args: readonly string[]
  close(): Promise<void>
}

/** The processes that send, each started when it is first needed. */
export function senders(): Senders {
  const { args, cleanup } = compiled(fileURLToPath(new URL('_sending.ts', import.meta.url)), 'external')
  const { env: trust, remove } = authority()
  const children = new Map<boolean, LineChild>()
  return {
    args,
    async send(sendings, env, isTrusting) {
      const child = children.get(isTrusting) ?? startLineChild(args, isTrusting ? trust : {})
      children.set(isTrusting, child)
      return (await child.ask({ sendings, env })) as Child
    },
    async close() {
      for (const child of children.values()) await child.close()
      cleanup()
      remove()
    },
  }
}

export interface Proxied {
  readonly proxy: ConnectProxy
  readonly server: ScriptedServer
  /** Trusts the authority and has `HTTPS_PROXY` set. */
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
          return action({ proxy, server, env })
        }),
      ),
    ),
  )
}

/** Runs `action` with the variables that make either runtime trust the authority. */
export async function withAuthority(action: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const { env, remove } = authority()
  try {
    await action(env)
  } finally {
    remove()
  }
}

/** The variables that make either runtime trust the authority, until its file is removed. */
export function authority(): { readonly env: Record<string, string>; remove(): void } {
  const folder = temporaryFolder()
  const file = join(folder, 'authority.pem')
  writeFileSync(file, AUTHORITY.cert)
  return {
    env: process.versions['deno'] ? { DENO_CERT: file } : { NODE_EXTRA_CA_CERTS: file },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
