/** Finds the database of the queue. All profiles of a registry share it and its worker. */
import { join } from 'node:path'
import * as v from 'valibot'
import { ConfigError } from '../core/errors.ts'
import { addSecret } from '../core/redact.ts'
import type { Host } from '../host/host.ts'
import { cutProblems, problemText } from './config_problems.ts'
import { readEnvFile } from './env_file.ts'
import { RULES } from './setting_rules.ts'
import { loadSettings, type Settings } from './settings.ts'

/**
 * Reads `WFG_DATABASE_URL` from the environment, the profile or `.env`, and adds it to the redactor.
 *
 * @param directory the folder that holds `.env`
 * @returns undefined if the queue is in a file of this computer
 * @throws {ConfigError} `WFG_CONFIG` for an unknown profile, an unreadable file, or a value that is not a PostgreSQL URL
 */
export function findDatabaseUrl(
  host: Pick<Host, 'cwd' | 'env' | 'redactor' | 'secrets'>,
  directory: string,
  profile: string | undefined,
): string | undefined {
  const loaded = loadSettings(host, directory, profile)
  const { [NAME]: setting = inEnvFile(directory) } = loaded.settings
  const value = setting?.value.trim()
  if (!value) return undefined
  addSecret(host.redactor, value)
  const isUrl = v.is(RULES[NAME].schema, value)
  const problems = [
    ...cutProblems({ [NAME]: setting! }),
    ...(isUrl ? [] : [{ name: NAME, problem: `must be ${RULES[NAME].expected}` }]),
  ].slice(0, 1)
  if (problems.length > 0) throw new ConfigError(problemText(loaded.profile, problems), { problems })
  return value
}

// --- internal ---

const NAME = 'WFG_DATABASE_URL'

/** The sandbox reads no settings from files, but its jobs are in the same queue. */
function inEnvFile(directory: string): Settings[string] | undefined {
  const { values, cut } = readEnvFile(join(directory, '.env'))
  const value = values[NAME]
  return value === undefined ? undefined : { value, directory, ...(cut.has(NAME) ? { cutIn: '.env' } : {}) }
}
