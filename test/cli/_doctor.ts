/** Runs `doctor` in this process, over the transport of the current runtime, and reads what it found. */
import { rmSync } from 'node:fs'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { run } from '../../runtime/cli/commands/doctor.ts'
import type { Status } from '../../runtime/doctor/step.ts'
import { startSandbox } from '../../runtime/sandbox/mod.ts'
import type { ToolFlags } from '../../runtime/tasks/arguments/tool_flags.ts'
import type { CommandCall } from '../../runtime/tasks/run/command_call.ts'
import { createSession } from '../../runtime/tasks/run/session.ts'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import type { NetworkHost } from '../../runtime/transport/transport.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { hidesSecrets } from './_configured.ts'

export interface Examined {
  readonly out: string
  readonly err: string
  readonly exitCode: number
}

export interface ExaminedSteps extends Examined {
  readonly steps: readonly { name: string; status: Status; detail: string; remedy: string | null }[]
  /** The last one. */
  readonly last: { name: string; status: Status; detail: string; remedy: string }
  readonly profile: string | null
  readonly ok: boolean
}

export interface ExamineOptions {
  args?: readonly string[]
  flags?: ToolFlags
  host?: Partial<NetworkHost>
}

/** @param env settings, and other variables; there is no file */
export async function examine(env: Record<string, string>, options: ExamineOptions = {}): Promise<Examined> {
  const directory = temporaryFolder()
  const { transport, after, sleep, monotonicMs, nowMs, random } = networkHost()
  const host = fakeHost({
    ...{ transport, after, sleep, monotonicMs, nowMs, random },
    // WT_SESSION is set by a terminal that shows all characters.
    ...{ env: options.host?.platform ? env : { WT_SESSION: '1', ...env } },
    ...{ secrets: {}, cwd: () => directory, pid: process.pid, hostname: () => 'here' },
    ...{ platform: process.platform, userId: () => process.geteuid?.() },
    ...{ isRunning: () => true, isAllowed: () => true, onExit() {} },
    ...options.host,
  })
  const session = createSession(host, {
    findDirectory: () => directory,
    startSandbox: async () => ({ ...(await startSandbox()), user: 'john_smith' }),
  })
  const signal = new AbortController().signal
  try {
    await run({
      host,
      registry: { directory },
      args: options.args ?? [],
      flags: options.flags ?? {},
      lifecycle: { signal },
      loadSession: async () => session,
    } as unknown as CommandCall)
  } finally {
    rmSync(directory, { recursive: true })
  }
  hidesSecrets({ stdout: host.out, stderr: host.err })
  return { out: host.out, err: host.err, exitCode: host.exitCode() }
}

/** The same by `--json`. */
export async function steps(env: Record<string, string>, options: ExamineOptions = {}): Promise<ExaminedSteps> {
  const examined = await examine(env, { ...options, args: ['--json', ...(options.args ?? [])] })
  const { ok, profile, steps } = JSON.parse(examined.out)
  return { ...examined, ok, profile, steps, last: steps.at(-1) }
}

/** Asserts that the step failed, with this exit code, and that nothing follows it. */
export function assertFailed(
  { last, exitCode, ok }: ExaminedSteps,
  name: string,
  code: number,
  detail: RegExp,
  remedy: RegExp,
): void {
  assert.equal([last.name, last.status, exitCode, ok], [name, 'failed', code, false], JSON.stringify(last))
  assert.match(last.detail, detail)
  assert.match(last.remedy, remedy)
}

/** A JWT with these claims, signed by nobody. */
export function jwtOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${'s'.repeat(40)}`
}
