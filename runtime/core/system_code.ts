/**
 * The code of an error from the operating system, such as `ENOENT`. Without a code it is the error's name: Deno throws
 * `NotCapable` for a missing permission. When a host has several addresses, it is the code of the first attempt.
 */
export function systemCode(error: unknown): string {
  const { code, errors, name } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }
  return code ?? errors?.[0]?.code ?? name
}

/** The code as a message shows it. These two are what Windows says of a file that another program has open. */
export function systemReason(error: unknown): string {
  const code = systemCode(error)
  if (code === 'EBUSY') return `${code}: another program has it open`
  return code === 'EPERM' ? `${code}: you have no right to it, or another program has it open` : code
}
