import { readFileSync } from 'node:fs'
import type { CommandCall } from '../tasks/run/command_call.ts'

/** Prints the versions for a bug report. */
export async function run({ host }: CommandCall): Promise<void> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as { name?: string; version?: string }
  await host.stdout.write(`${[name, version].filter(Boolean).join(' ')}, ${host.versions}\n`)
}
