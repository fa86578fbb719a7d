import { readFileSync } from 'node:fs'
import { isWfgError } from '../core/errors.ts'
import { describeDeno } from '../isolated/find_deno.ts'
import { findShell } from '../script/find_shell.ts'
import { settingsFor } from '../tasks/history/history_folder.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** Prints the versions for a bug report, whatever else is wrong. */
export async function run(call: CommandCall): Promise<void> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as { name?: string; version?: string }
  const { host } = call
  await host.stdout.write(
    `${[name, version].filter(Boolean).join(' ')}, ${host.versions}, shell of $: ${shellOf(call)}, isolated runs: ${describeDeno(host)}\n`,
  )
}

// --- internal ---

function shellOf({ host, registry, flags }: CommandCall): string {
  const directory = registry?.directory ?? host.cwd()
  const wanted = settingsFor(host, directory, flags.profile).settings['WFG_SHELL']?.value.trim()
  try {
    return findShell(host.env, wanted)?.path ?? 'none'
  } catch (error) {
    if (isWfgError(error)) return 'none'
    throw error
  }
}
