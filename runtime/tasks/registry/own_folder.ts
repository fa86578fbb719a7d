/** Refuses tasks that another user could have changed, and finds settings files that other users can read. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { othersMay, READ, refusal, trustedUsers, type Users } from '../../host/trusted_files.mjs'

type OwnerHost = Pick<Host, 'env' | 'isAllowed' | 'userId'>

/** @throws {RefusedError} if another user owns, or may change, the folder's tasks or settings */
export function refuseForeignFolder(host: OwnerHost, directory: string): void {
  const sentence = refusal(directory, usersOf(host))
  if (sentence !== undefined) throw new RefusedError(sentence)
}

/** The settings files of the profile that other users can read, as absolute paths. */
export function readableByOthers(host: OwnerHost, directory: string, profile: string): string[] {
  const users = usersOf(host)
  return settingsFiles(directory, profile).filter((path) => {
    const found = users && statSync(path, { throwIfNoEntry: false })
    if (!found) return false
    // A file of root may be meant for this user through its group.
    const { uid, gid } = found
    const mode = uid === users[1] ? found.mode : found.mode & ~GROUP
    return othersMay({ uid, gid, mode }, READ, users)
  })
}

/** The settings files of the profile, whether they exist or not. */
export function settingsFiles(directory: string, profile: string): string[] {
  return ['.env', `.env.${profile}`].map((name) => join(directory, name))
}

// --- internal ---

const GROUP = 0o070

function usersOf(host: OwnerHost): Users {
  return host.isAllowed('sys', 'uid') ? trustedUsers(host.env, host.userId()) : undefined
}
