/** What Deno lets this process do. */

export type Right = 'env' | 'read' | 'run' | 'sys' | 'write'

/** `Deno.permissions`. */
export type DenoPermissions = Record<'querySync' | 'requestSync', (descriptor: object) => { state: string }>

/**
 * False if the right was not given. Only for `run` does Deno ask the person first.
 *
 * @param what the variable, path, program, or kind of system information
 */
export function mayUse(permissions: DenoPermissions, right: Right, what: string): boolean {
  const ask = right === 'run' ? 'requestSync' : 'querySync'
  return permissions[ask]({ name: right, [SUBJECTS[right]]: what }).state === 'granted'
}

/**
 * The flags that give another process the rights of this one. Rights that are limited to some paths, hosts or programs
 * are left out, because Deno does not list them.
 *
 * @returns undefined if this process may not start Deno
 */
export function restartFlags(permissions: DenoPermissions, execPath: string): string[] | undefined {
  const isGranted = (descriptor: object) => permissions.querySync(descriptor).state === 'granted'
  if (!isGranted({ name: 'run', command: execPath })) return undefined
  const granted = RIGHTS.filter((name) => isGranted({ name }))
  return granted.length === RIGHTS.length ? ['--allow-all'] : granted.map((name) => `--allow-${name}`)
}

// --- internal ---

/** The name of `what` in Deno's descriptor of each right. */
const SUBJECTS = { env: 'variable', read: 'path', run: 'command', sys: 'kind', write: 'path' } as const

const RIGHTS = ['read', 'write', 'net', 'env', 'run', 'sys', 'ffi', 'import']
