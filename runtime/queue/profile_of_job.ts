import * as v from 'valibot'
import type { Host } from '../host/host.ts'
import { RULES } from '../settings/setting_rules.ts'
import { loadSettings } from '../settings/settings.ts'

export interface ProfileOfJob {
  readonly name: string
  /** A task that can write needs its name confirmed. */
  readonly isProtected: boolean
}

/**
 * The profile that a job will name: another process, with another environment, is to use the same.
 *
 * @throws {ConfigError} `WFG_CONFIG` for an unknown profile or an unreadable file
 */
export function profileOfJob(
  host: Pick<Host, 'cwd' | 'env' | 'secrets'>,
  directory: string,
  chosen: string | undefined,
): ProfileOfJob {
  const { profile, settings } = loadSettings(host, directory, chosen)
  const parsed = v.safeParse(RULES.WFG_PROTECTED.schema, settings['WFG_PROTECTED']?.value.trim() || 'false')
  // What cannot be read may have been meant to protect.
  return { name: profile, isProtected: !parsed.success || parsed.output === true }
}
