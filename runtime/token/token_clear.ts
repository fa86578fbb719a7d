/** Removes access tokens from the disk, for `token clear`. */
import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { forgetActingUser, forgetActingUsers } from '../auth/acting_user.ts'
import { tokenFilesIn, tokenPathOnDisk } from '../auth/token_cache.ts'
import { WfgError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { cacheFolder } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { fileProblem, lookAt } from '../host/private_file.ts'
import { loadSettings } from '../settings/settings.ts'
import type { Session } from '../tasks/run/session.ts'

/** Removes the token of the profile. */
export async function clear(host: Host, session: Session): Promise<void> {
  const { config, token } = await session.connect(undefined)
  const profile = JSON.stringify(config.profile)
  const start = tokenPathOnDisk(host, config)
  forgetActingUser(host, config)
  if (start === undefined) {
    await host.stdout.write(`Nothing to remove: tokens of the profile ${profile} are not kept on the disk.\n`)
    return
  }
  const file = `${start}.json`
  const wasThere = lookAt(file) !== undefined
  token.clear()
  if (lookAt(file)) remove(file)
  await host.stdout.write(
    wasThere
      ? `Removed the access token of the profile ${profile}: ${quotedPath(file)}. ${NOT_REVOKED}\n`
      : `Nothing to remove: no access token of the profile ${profile} is kept.\n`,
  )
}

/** Removes every token in the cache folder. The settings may be incomplete. */
export async function clearAll(host: Host, session: Session, profile: string | undefined): Promise<void> {
  const set = loadSettings(host, session.directory, profile).settings['WFG_CACHE_DIR']
  const folder = cacheFolder(host, set?.value.trim() ? resolve(set.directory, set.value.trim()) : undefined)
  const files = folder === undefined ? [] : filesIn(folder)
  for (const file of files) remove(file)
  if (folder !== undefined && lookAt(folder)) forgetActingUsers(folder)
  const tokens = files.length === 1 ? '1 access token' : `${files.length} access tokens`
  await host.stdout.write(
    files.length === 0
      ? `Nothing to remove: no access token is kept${folder === undefined ? '' : ` in ${quotedPath(folder)}`}.\n`
      : `Removed ${tokens} from ${quotedPath(dirname(files[0]!))}. ${NOT_REVOKED}\n`,
  )
}

// --- internal ---

const NOT_REVOKED = 'This does not revoke the token: whoever has a copy can use it until it expires.'

function filesIn(folder: string): string[] {
  try {
    return tokenFilesIn(folder)
  } catch (error) {
    throw new WfgError(
      `Cannot look for access tokens in ${quotedPath(folder)}: the system says ${fileProblem(error)}; it must be a folder that you may read.`,
    )
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch (error) {
    throw new WfgError(
      `Cannot remove the access token in ${quotedPath(file)}: the system says ${fileProblem(error)}. Delete the file yourself.`,
    )
  }
}
