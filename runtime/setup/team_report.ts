/** What `init --here` says: what became of each file, and what a newer version changes in files that the team has changed. */
import type { Originals } from './originals.ts'
import type { Fate } from './place_file.ts'

export interface Step {
  readonly path: string
  readonly word: Fate | 'completed'
  /** The file as it should be. */
  readonly text: string
}

/** Returns a line for each file, except those that needed no change. */
export function renderSteps(steps: readonly Step[]): string {
  const kept = steps.filter(({ word }) => word === 'kept').length
  const lines = steps
    .filter(({ word }) => word !== 'kept')
    .map(({ path, word, text }) => `  ${word.padEnd(9)}  ${path}${NOTES[word]?.(path, text) ?? ''}\n`)
  return `${lines.join('')}${kept === 0 ? '' : `  kept       ${kept === 1 ? '1 file' : `${kept} files`} as before\n`}`
}

/** Returns the differences from the original files to those of `version`, for the files that the team has changed. */
export async function renderDifferences(
  steps: readonly Step[],
  former: Originals | undefined,
  version: string,
): Promise<string> {
  const changed = steps.filter(({ word }) => word === 'changed')
  if (former === undefined || changed.length === 0) return ''
  const { createTwoFilesPatch } = await import('diff')
  const texts = changed.map(({ path, text }) => {
    const [before, after] = [former.version, version].map((each) => `${path} (wfg-scripts ${each})`)
    return createTwoFilesPatch(before!, after!, former.files[path]!, text).replace(/^=+\n/, '')
  })
  return `\nWhat the new version changes in the files that you have changed. Take over what you need:\n\n${texts.join('\n')}`
}

// --- internal ---

const NOTES: Partial<Record<Step['word'], (path: string, text: string) => string>> = {
  completed: (_path, text) =>
    [...text.matchAll(/"(wfg:(\w+))":/g)].map(([, ours, name]) => `; ${name} is yours, so run ${ours}`).join(''),
  beside: (path) => `: it is yours; compare it with ${path}.new`,
  changed: () => ' by you, and left; see below',
  removed: () => ' by you, and left out',
}
