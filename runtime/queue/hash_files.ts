/** Hashes files without looking for what they import, which needs a parser. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { relative, sep } from 'node:path'

/**
 * Hashes these files. The result does not depend on the computer, on where the folder is, or on the line endings.
 *
 * @param textOf undefined if there is no such file
 * @returns 64 hexadecimal digits
 */
export function hashFiles(directory: string, paths: readonly string[], textOf = readText): string {
  const hash = createHash('sha256')
  const named = paths.map((path) => [relative(directory, path).split(sep).join('/'), textOf(path)] as const)
  for (const entry of named.sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${JSON.stringify(entry)}\n`)
  return hash.digest('hex')
}

export function readText(path: string): string | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
}
