/**
 * The code of an error from the operating system, such as `ENOENT`. Without a code it is the error's name: Deno throws
 * `NotCapable` for a missing permission. When a host has several addresses, it is the code of the first attempt.
 */
export function systemCode(error: unknown): string {
  const { code, errors, name } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }
  return code ?? errors?.[0]?.code ?? name
}
