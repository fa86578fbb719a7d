/** Refuses grants that would give an isolated script the secrets, or the code that others run. */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { quotedPath } from '../../core/visible.ts'
import { knownPath } from '../../host/windows_name.ts'
import type { Registry, Task } from './registry.ts'

/** The mistakes in the task's `isolated`, each a sentence without a full stop. */
export function grantProblems({ directory }: Registry, { name, script, isolated }: Task): string[] {
  if (!isolated) return []
  const label = `${JSON.stringify(name)}: "isolated"`
  if (script === undefined) return [`${label} has no effect: the task has no script of its own`]
  const problemsOf = (kind: 'read' | 'write') =>
    isolated[kind].flatMap((path) => {
      const covered = coveredBy(directory, path, kind)
      return covered === undefined ? [] : [`${label} cannot ${kind} ${quotedPath(path)}: it covers ${covered}`]
    })
  return [...problemsOf('read'), ...problemsOf('write')]
}

/** True if `path` is `folder` or below it. Both are as the system knows them. */
export function isWithin(folder: string, path: string): boolean {
  const below = relative(folder, path)
  return !isAbsolute(below) && below.split(sep)[0] !== '..'
}

/** What the grant would give away; undefined if it may be given. */
export function coveredBy(directory: string, path: string, kind: 'read' | 'write'): string | undefined {
  // By both names: a link, or a path that does not exist yet, has only one of them in common.
  const written = resolve(directory, path)
  const granted = [written, knownPath(written)]
  const covers = (other: string) => granted.some((each) => isWithin(each, other) || isWithin(each, knownPath(other)))
  const isBelow = (other: string) => granted.some((each) => isWithin(other, each) || isWithin(knownPath(other), each))
  if (covers(homedir())) return "the user's home"
  if (covers(directory)) return 'the folder of tasks.ts'
  const names = [...PROTECTED, ...namesIn(directory).filter((name) => /^\.env/.test(name))]
  const found = names.find((name) => {
    const other = join(directory, name)
    // A folder of data below scripts/ may be read.
    return covers(other) || (isBelow(other) && !(name === 'scripts' && kind === 'read'))
  })
  return found === undefined ? undefined : quotedPath(found)
}

// --- internal ---

/** Names in the folder of `tasks.ts`. */
const PROTECTED = ['scripts', 'runtime', 'node_modules', '.git', 'tasks.ts', 'package.json', '.env']

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
