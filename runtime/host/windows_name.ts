/** Names of files: those that Windows refuses or takes for something else, and the one by which the system knows a file. */
import { realpathSync } from 'node:fs'
import { platform } from 'node:os'
import { win32 } from 'node:path'

/**
 * Returns why Windows has no file of that name. Undefined if it has, and on other systems.
 *
 * Source: learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function windowsNameProblem(path: string, system: string = platform()): string | undefined {
  if (system !== 'win32') return undefined
  const { root, base } = win32.parse(path)
  if (/^.:$/.test(root)) return `Windows takes ${root} for a drive, and a name cannot have a colon`
  const [refused] = /[<>:"|?*]/.exec(path.slice(root.length)) ?? []
  if (refused !== undefined) return `Windows has no ${refused} in a file name`
  const [device] = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?=\.|$)/i.exec(base) ?? []
  if (device !== undefined) return `Windows keeps the name ${device} for a device`
  return /[. ]$/.test(base) ? 'Windows drops a space or a dot at the end of a file name' : undefined
}

/**
 * Returns the path by which the system knows a file, to compare files by it: links resolved, and on Windows with the letters,
 * the long names and the server that it has there. Do not import a file by it: a module would be loaded once more.
 *
 * @returns the path itself if there is no such file
 */
export function knownPath(path: string): string {
  for (const find of [realpathSync.native, realpathSync]) {
    try {
      return find(path)
    } catch {
      // Some disks of Windows have no such path.
    }
  }
  return path
}
