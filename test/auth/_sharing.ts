/** Token sources as processes have them, over one cache folder; each call of `start` stands for another process. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { AccessTokenSource } from '../../runtime/auth/access_token.ts'
import { tokenSourceOf } from '../../runtime/auth/token_source.ts'
import type { Host } from '../../runtime/host/host.ts'
import { temporaryFolder } from '../_cli.ts'
import { type FakeHost, type FakeReply, fakeHost } from '../_host.ts'
import { configOf } from './_config.ts'

export const START_MS = Date.UTC(2026, 10, 24, 12)

export const SETTINGS = { WFG_TOKEN_ENDPOINT: 'https://as.example/token', WFG_AUDIENCE: 'https://api.example/' }

export interface StartOptions {
  settings?: Record<string, string>
  replies?: readonly FakeReply[]
  host?: Partial<Host>
  startMs?: number
}

export interface Started {
  readonly source: AccessTokenSource
  readonly host: FakeHost
  readonly debug: readonly string[]
  /** How many requests it made. */
  requests(): number
}

export interface Sharing {
  /** Does not exist at first; it has a space in its path. */
  readonly folder: string
  start(options?: StartOptions): Started
  /** Names of the files, without their key. */
  names(): string[]
  /** Absolute path of the one file whose name ends so. */
  path(end: string): string
}

/** A token that says which one it is, and its length is that of a small JWT. */
export function issue(number: number, more: object = {}): FakeReply {
  return { body: { access_token: tokenOf(number), token_type: 'Bearer', expires_in: 3600, ...more } }
}

export function tokenOf(number: number): string {
  return `token-${number}-${'abcdefghij'.repeat(60)}`
}

export async function withSharing(action: (sharing: Sharing) => unknown): Promise<void> {
  const parent = temporaryFolder()
  const folder = join(parent, 'ca che', 'wfg')
  const list = () => readdirSync(folder).sort()
  try {
    await action({
      folder,
      start: (options = {}) => start(folder, options),
      names: () => list().map((name) => name.replace(/^token-[0-9a-f]{32}/, '')),
      path: (end) => join(folder, list().find((name) => name.endsWith(end))!),
    })
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

/** As a process on this computer. */
export function processHost(more: Partial<Host> = {}) {
  return {
    env: {},
    platform: process.platform,
    pid: process.pid,
    hostname: () => 'here',
    userId: () => process.geteuid?.(),
    isRunning: () => true,
    isAllowed: () => true,
    onExit() {},
    random: () => 0,
    ...more,
  }
}

// --- internal ---

function start(
  folder: string,
  { settings = {}, replies = [], host: more = {}, startMs = START_MS }: StartOptions,
): Started {
  const host = fakeHost({ ...processHost(more), startMs, replies })
  const debug: string[] = []
  const config = configOf({ ...SETTINGS, WFG_CACHE_DIR: folder, ...settings })
  const source = tokenSourceOf(host, config, (text) => debug.push(text))
  return { source, host, debug, requests: () => host.transport.requests.length }
}
