/** The files of an isolated script that its process may read, found by reading them, and links that would lead out. */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RefusedError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { knownPath } from '../host/windows_name.ts'
import { importNames } from '../script/import_names.ts'
import { isWithin } from '../tasks/registry/grant_problems.ts'

export interface ScriptFiles {
  /** Absolute, by which the system knows them: the script first, then what it imports. */
  readonly files: readonly string[]
  /** Names of packages and of the runtime that they import, such as `valibot` and `#wfg`. */
  readonly packages: readonly string[]
}

/**
 * Finds the script's own files. Only code counts: with `with { type: 'text' }` a script could import any file as text.
 * Below `scripts/` they may be anywhere in it; elsewhere they are beside the script.
 *
 * @throws {RefusedError} `WFG_REFUSED` if one of them is a link that leads out
 */
export function filesOfScript(script: string, directory: string): ScriptFiles {
  const scripts = knownPath(join(directory, 'scripts'))
  const known = knownPath(script)
  // A link in the shared folder is not what the person chose.
  const isShared = isWithin(scripts, script) || isWithin(join(directory, 'scripts'), script)
  if (isShared && !isWithin(scripts, known)) throw leadsOut(script, known)
  const mayRead = (path: string) => (isShared ? isWithin(scripts, path) : dirname(path) === dirname(known))
  const files = new Set([known])
  const packages = new Set<string>()
  for (const file of files) {
    for (const specifier of importNames(readFileSync(file, 'utf8'))) {
      if (!/^(\.{1,2}\/|\/|file:)/.test(specifier)) {
        packages.add(specifier)
        continue
      }
      const path = pathOf(specifier, file)
      if (path === undefined || !CODE.test(path) || !isFile(path)) continue
      const target = knownPath(path)
      if (!mayRead(target) && mayRead(path)) throw leadsOut(path, target)
      if (mayRead(target) && CODE.test(target)) files.add(target)
    }
  }
  return { files: [...files], packages: [...packages] }
}

/**
 * Returns the granted files and folders, by the paths that were written and by those that the system knows.
 *
 * @param wanted some of `granted`
 * @param secret files and folders that no script may see, such as those of the tokens
 * @throws {RefusedError} `WFG_REFUSED` for a link that leads out, and for what covers a secret folder
 */
export function grantedPaths(directory: string, granted: readonly string[], secret: readonly string[]): string[] {
  const paths = granted.map((path) => resolve(directory, path))
  const roots = paths.map(knownPath)
  for (const [index, root] of roots.entries()) {
    const covered = secret.map(knownPath).find((folder) => isWithin(root, folder) || isWithin(folder, root))
    if (covered !== undefined) {
      throw new RefusedError(
        `Refused to start: ${quotedPath(granted[index]!)} is granted and leads to ${quotedPath(covered)}, where secrets, tokens or records are. Grant another folder.`,
      )
    }
    // A path of the shared folder means what is there, and not what somebody linked to it.
    const isShared = isWithin(directory, paths[index]!) && existsSync(paths[index]!)
    if (isShared && !isSame(root, join(knownPath(directory), relative(directory, paths[index]!))))
      throw leadsOut(paths[index]!, root)
    for (const link of linksIn(root)) {
      const target = knownPath(link)
      if (target === link || !roots.some((each) => isWithin(each, target))) throw leadsOut(link, target)
    }
  }
  return [...new Set([...paths, ...roots])]
}

// --- internal ---

const CODE = /\.[mc]?[jt]sx?$/

function pathOf(specifier: string, importer: string): string | undefined {
  try {
    return fileURLToPath(new URL(specifier, pathToFileURL(importer)))
  } catch {
    return undefined
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Windows does not tell large letters from small ones. */
function isSame(a: string, b: string): boolean {
  return a === b || (sep === '\\' && a.toLowerCase() === b.toLowerCase())
}

function* linksIn(path: string): Generator<string> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSymbolicLink()) yield path
  if (!found?.isDirectory()) return
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name)
    if (entry.isSymbolicLink()) yield below
    else if (entry.isDirectory()) yield* linksIn(below)
  }
}

function leadsOut(link: string, target: string): RefusedError {
  return new RefusedError(
    `Refused to start: ${quotedPath(link)} is a link that leads to ${quotedPath(target)}, out of what an isolated script may read. Nothing was sent. Remove the link, or run without isolation what you trust.`,
  )
}
