/** Splits what a process prints into lines, in bounded memory. */

export interface Lines {
  add(text: string): void
  /** Passes on the last line, which may have no end. */
  end(): void
}

/**
 * @param mask masks secrets
 * @param onLine takes a line with its end, or a part of a very long one, and returns false if it wants no more
 */
export function createLines(mask: (text: string) => string, onLine: (line: string) => boolean): Lines {
  let rest = ''
  let isWanted = true
  const pass = (line: string): void => {
    isWanted &&= onLine(line)
  }
  return {
    add(text) {
      if (!isWanted) return
      const lines = text.split('\n')
      const last = lines.pop()!
      for (const line of lines) {
        pass(`${rest}${line}\n`)
        rest = ''
      }
      rest += last
      while (rest.length > MAX_LENGTH) {
        const end = safeEnd(mask, rest)
        pass(rest.slice(0, end))
        rest = rest.slice(end)
      }
    },
    end() {
      if (rest !== '') pass(rest)
      rest = ''
    },
  }
}

// --- internal ---

/** Of a line that is passed on whole. */
const MAX_LENGTH = 64 * 1024
/** Longer than any secret in any of its forms. */
const LONGEST_SECRET = 16 * 1024

/** Where the text can be cut without cutting a secret, which could then not be masked. */
function safeEnd(mask: (text: string) => string, text: string): number {
  const masked = mask(text)
  for (let end = text.length - LONGEST_SECRET; end > 0; end -= LONGEST_SECRET / 16) {
    if (mask(text.slice(0, end)) + mask(text.slice(end)) === masked) return end
  }
  return text.length
}
