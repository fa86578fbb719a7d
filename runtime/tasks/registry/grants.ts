/** What an isolated script may do, with all its names. */
import type { Isolation } from './entry.ts'

/** `list --json` prints them without `directory`. */
export interface Grants {
  readonly net: readonly string[]
  /** As written: relative to `directory`. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly env: readonly string[]
  readonly impersonate: readonly string[]
  /** Root fields of mutations in one run; null for no limit. */
  readonly mutations: number | null
  readonly memoryMb: number
  /** Folder of `tasks.ts`. */
  readonly directory: string
}

const MEMORY_MB = 2048

/** Undefined if the entry is not isolated. */
export function grantsOf(isolated: boolean | Isolation | undefined, directory: string): Grants | undefined {
  if (isolated === undefined || isolated === false) return undefined
  const {
    net = [],
    read = [],
    write = [],
    env = [],
    impersonate = [],
    mutations = null,
    memoryMb = MEMORY_MB,
  } = isolated === true ? {} : isolated
  return { net, read, write, env, impersonate, mutations, memoryMb, directory }
}

/**
 * The grants of a run: those of its entry, or none with `--isolated`. The flags only tighten.
 *
 * @param most the value of `--mutations`
 */
export function grantsOfRun(
  entry: Grants | undefined,
  { isolated, mutations: most }: { readonly isolated?: boolean; readonly mutations?: number },
  directory: string,
): Grants | undefined {
  const grants = entry ?? grantsOf(isolated, directory)
  if (!grants || most === undefined) return grants
  return { ...grants, mutations: Math.min(most, grants.mutations ?? most) }
}

/** What the script may do, as an end of a sentence, such as `may only read, and may read data`. */
export function grantsText(
  { net, read, write, env, impersonate, mutations }: Grants,
  access: 'read' | 'write',
): string {
  const limit = mutations === null ? '' : `, at most ${mutations} of them`
  const list = (names: readonly string[]) => names.join(', ')
  return [
    access === 'read' ? 'it may send queries' : `it may send queries and mutations${limit}`,
    ...(read.length === 0 ? [] : [`read ${list(read)}`]),
    ...(write.length === 0 ? [] : [`write ${list(write)}`]),
    ...(net.length === 0 ? [] : [`connect to ${list(net)}`]),
    ...(env.length === 0 ? [] : [`see the environment's ${list(env)}`]),
    ...(impersonate.length === 0 ? [] : [`act as ${list(impersonate)}`]),
    'and nothing else',
  ].join(', ')
}
