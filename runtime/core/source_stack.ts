/** The stack with the lines of the source files. The prepared runtime replaces this function by its own. */
export function sourceStack(stack: string): string {
  return stack
}
