/** What depends on the form of the runtime. The prepared one replaces these functions by its own. */

/** The stack with the lines of the source files. */
export function sourceStack(stack: string): string {
  return stack
}

/** The folder of the prepared runtime; undefined if the sources run. */
export function preparedFolder(): string | undefined {
  return undefined
}
