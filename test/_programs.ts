/**
 * What the programs of this machine are. The same name may be another program elsewhere, or a version that lacks what a
 * test needs, so a test asks here first and declares itself not run.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

/** The option by which this `crontab` checks a table without installing it; cronie has `-T`, and its `-n` is something else. */
export function crontabCheck(): string | undefined {
  const help = outputOf('crontab', ['-h']) ?? ''
  if (/^\s*-n\s+\(dry run/m.test(help)) return '-n'
  return /^\s*-T\s+<file>/m.test(help) ? '-T' : undefined
}

/** Whether systemd-analyze finds times from a given moment on, which needs version 244. */
export function findsTimes(): boolean {
  return succeeds('systemd-analyze', [
    'calendar',
    '--iterations=2',
    '--base-time=2026-01-01 00:00:00 UTC',
    '*-*-* 00:00',
  ])
}

/** Whether systemd-analyze verifies units here; in some containers it cannot. */
export function verifiesUnits(): boolean {
  return succeeds('systemd-analyze', ['verify', '--man=no', 'basic.target'])
}

/** Whether Python reads YAML: no library of ours reads what we write. */
export function readsYaml(): boolean {
  return succeeds('python3', ['-c', 'import yaml'])
}

/** Under Wine the files of Linux are seen, and cannot be run. */
export const HAS_SH = process.platform !== 'win32' && existsSync('/bin/sh')

export function hasBash(): boolean {
  return outputOf('bash', ['--version'])?.includes('bash') ?? false
}

export function hasWine(): boolean {
  return outputOf('wine', ['--version'])?.startsWith('wine-') ?? false
}

export function hasGit(): boolean {
  return outputOf('git', ['--version'])?.startsWith('git version') ?? false
}

/** Path of a Chromium that starts; the name may also belong to a script that asks to install one. */
export function chromium(): string | undefined {
  const path = '/usr/bin/chromium'
  return outputOf(path, ['--version'])?.includes('Chromium') ? path : undefined
}

// --- internal ---

const LIMIT_MS = 60_000

/** Both outputs; undefined if there is no such program. */
function outputOf(program: string, args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS })
  return error ? undefined : `${stdout}${stderr}`
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { timeout: LIMIT_MS }).status === 0
}
