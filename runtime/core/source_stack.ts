/** The stack with the lines of the sources. Those are what runs here; the prepared runtime has its own way in place of this. */
export function sourceStack(stack: string): string {
  return stack
}
