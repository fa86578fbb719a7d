/** Whose the folder of the tasks is: what another user may have written is not run, and others should not read secrets. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { othersMay, READ, refusal, trustedUsers, type Users } from '../../host/trusted_files.mjs'

type OwnerHost = Pick<Host, 'env' | 'isAllowed' | 'userId'>

/** @throws {RefusedError} if another user owns, or may change, what the folder's tasks and settings come from */
export function refuseForeignFolder(host: OwnerHost, directory: string): void {
  const sentence = refusal(directory, usersOf(host))
  if (sentence !== undefined) throw new RefusedError(sentence)
}

/** Which settings files of the profile other users may read, as absolute paths. */
export function readableByOthers(host: OwnerHost, directory: string, profile: string): string[] {
  const users = usersOf(host)
  return ['.env', `.env.${profile}`]
    .map((name) => join(directory, name))
    .filter((path) => {
      const found = users && statSync(path, { throwIfNoEntry: false })
      if (!found) return false
      // A file of root is meant for this user through its group.
      const { uid, gid } = found
      const mode = uid === users[1] ? found.mode : found.mode & ~GROUP
      return othersMay({ uid, gid, mode }, READ, users)
    })
}

// --- internal ---

const GROUP = 0o070

function usersOf(host: OwnerHost): Users {
  return host.isAllowed('sys', 'uid') ? trustedUsers(host.env, host.userId()) : undefined
}
