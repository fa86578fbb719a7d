/** What the system says of a failed access to a file. */

/** Its code, such as `ENOENT`; of a right that Deno was not given the name `NotCapable`, which has no code. */
export function systemCode(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException
  return code ?? name
}
