import { readFileSync } from 'node:fs'
import { findShell } from '../script/find_shell.ts'
import { settingsFor } from '../tasks/history/history_folder.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** Prints the versions for a bug report. */
export async function run({ host, registry, flags }: CommandCall): Promise<void> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as { name?: string; version?: string }
  const wanted = settingsFor(host, registry.directory, flags.profile).settings['WFG_SHELL']?.value.trim()
  const shell = findShell(host.env, wanted)?.path ?? 'none'
  await host.stdout.write(`${[name, version].filter(Boolean).join(' ')}, ${host.versions}, shell of $: ${shell}\n`)
}
