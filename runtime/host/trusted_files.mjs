/**
 * Decides whose files may be run: those of this user, of root, and of one more user that `WFG_TRUST_OWNER` names.
 * It is JavaScript because the launcher needs it before it can load TypeScript.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @typedef {{ uid: number, gid: number, mode: number }} Found what the system says about a file */
/** @typedef {readonly number[] | undefined} Users undefined if the system has no user numbers, or does not tell them */
/** @typedef {{ reason: string, owner?: number }} Distrust why a file may not be used: the end of a sentence about it */

/** A permission, as the bit that grants it to everybody. */
export const READ = 0o004
export const WRITE = 0o002

/**
 * The users whose files may be run.
 *
 * @param {Record<string, string | undefined>} env the environment; a file could name its own owner
 * @param {number | undefined} userId number of the user that this process acts as
 * @returns {Users}
 */
export function trustedUsers(env, userId) {
  if (userId === undefined) return undefined
  const more = env['WFG_TRUST_OWNER']?.trim() ?? ''
  return [0, userId, ...(/^\d+$/.test(more) ? [Number(more)] : [])]
}

/**
 * True if somebody besides the trusted users has the permission. A group counts as a user's own if it has that user's
 * number: many systems give each person such a group and make new files writable by it.
 *
 * @param {Found} found
 * @param {number} permission
 * @param {Users} users
 */
export function othersMay({ gid, mode }, permission, users) {
  if (users === undefined) return false
  return (mode & permission) !== 0 || ((mode & (permission << 3)) !== 0 && !users.includes(gid))
}

/**
 * Why a file or folder may not be used. Undefined if it may.
 *
 * @param {Found} found
 * @param {Users} users
 * @returns {Distrust | undefined}
 */
export function distrust(found, users) {
  if (users === undefined) return undefined
  if (!users.includes(found.uid)) return { reason: `belongs to user ${found.uid}`, owner: found.uid }
  return othersMay(found, WRITE, users) ? { reason: 'can be changed by other users' } : undefined
}

/**
 * Why what a folder says may not be run, as a sentence. Undefined if it may. Looks at the folder itself, `tasks.ts`, the
 * `.env` files, the nearest `package.json`, which says what an import means, and `more`; like git, not at folders above.
 *
 * @param {string} directory
 * @param {Users} users
 * @param {readonly string[]} [more] absolute paths
 */
export function refusal(directory, users, more = []) {
  if (users === undefined) return undefined
  const files = ['tasks.ts', ...settingsFiles(directory)].map((name) => join(directory, name))
  for (const path of [directory, ...files, nearestPackage(directory), ...more]) {
    const found = distrustAt(path, users)
    if (found === undefined) continue
    const { reason, owner } = found
    const remedy =
      owner === undefined
        ? `If you trust its content, type: chmod go-w ${JSON.stringify(path)}`
        : `This process is user ${users[1]}. If you trust that user, set WFG_TRUST_OWNER=${owner} in the environment.`
    return `Cannot run what is in ${JSON.stringify(directory)}: ${JSON.stringify(path)} ${reason}. ${remedy}`
  }
  return undefined
}

/**
 * The names of a folder's settings files.
 *
 * @param {string} directory
 */
export function settingsFiles(directory) {
  try {
    return readdirSync(directory).filter((name) => /^\.env(\.(?!example$)|$)/.test(name))
  } catch {
    return ['.env']
  }
}

// --- internal ---

const TYPE = 0o170000
const LINK = 0o120000
const FOLDER = 0o040000
/** Only the owner of a file in such a folder can rename or delete it. */
const STICKY = 0o1000

/** @type {(path: string, users: Users) => Distrust | undefined} of the file, and of a link to it */
function distrustAt(path, users) {
  for (const look of [lstatSync, statSync]) {
    const found = lookAt(look, path)
    if (found === undefined) return undefined
    const { mode } = found
    const isShared = (mode & TYPE) === LINK || ((mode & TYPE) === FOLDER && (mode & STICKY) !== 0)
    const distrusted = distrust(isShared ? { ...found, mode: 0 } : found, users)
    if (distrusted !== undefined) return distrusted
  }
  return undefined
}

/** @type {(look: typeof lstatSync, path: string) => Found | undefined} undefined if it is not there, or cannot be looked at */
function lookAt(look, path) {
  try {
    const { uid, gid, mode } = look(path)
    return { uid, gid, mode }
  } catch {
    return undefined
  }
}

/** @type {(directory: string) => string} a path that may lead to nothing */
function nearestPackage(directory) {
  const file = join(directory, 'package.json')
  const above = dirname(directory)
  return above === directory || lookAt(statSync, file) ? file : nearestPackage(above)
}
