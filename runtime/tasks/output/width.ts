/** The width of text on a terminal. Text that is not ASCII needs the tables of `string-width`, which are loaded on demand. */

let measure: ((text: string) => number) | undefined
let segmenter: Intl.Segmenter | undefined

/** Loads what `widthOf` needs for these texts. */
export async function loadWidths(texts: readonly string[]): Promise<void> {
  if (!measure && !texts.every(isAscii)) measure = (await import('string-width')).default
}

export function widthOf(text: string): number {
  return isAscii(text) ? text.length : (measure?.(text) ?? text.length)
}

/** The text if it fits, else its start and a `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (isAscii(text)) return `${text.slice(0, width - 1)}…`
  segmenter ??= new Intl.Segmenter()
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

export function pad(text: string, width: number, right: boolean): string {
  const missing = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? `${missing}${text}` : `${text}${missing}`
}

// --- internal ---

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
