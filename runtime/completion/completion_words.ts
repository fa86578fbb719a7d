/** What may come next on a command line whose flags and places are known. */

export interface Candidate {
  readonly word: string
  /** One line; empty where there is nothing to say. */
  readonly description: string
}

/** What a flag's value or a place may be. */
export interface Values {
  readonly candidates: readonly Candidate[]
  /** Whether the shell's own files are candidates too. */
  readonly files: boolean
}

export interface Flag extends Candidate {
  /** Undefined for a flag without a value. */
  readonly values: Values | undefined
  /** May be given more than once. */
  readonly multiple: boolean
  /** The same flag said otherwise, such as `--no-open`: only one of the two is given. */
  readonly opposite?: string
}

export interface Grammar {
  readonly flags: readonly Flag[]
  /** What stands without a flag, in this order. */
  readonly places: readonly Values[]
  /** Whether the last place takes all that follow. */
  readonly variadic: boolean
}

export const NOTHING: Values = { candidates: [], files: false }

/** @param words before `current`, which is what has been typed of the next one; the shell leaves out what does not fit it */
export function nextWord({ flags, places, variadic }: Grammar, words: readonly string[], current: string): Values {
  const { waiting, given, placed, flagsEnded } = walk(flags, words)
  if (waiting?.values) return waiting.values
  const [, name, value] = /^(--[^=]+=)(.*)$/s.exec(current) ?? []
  if (!flagsEnded && name !== undefined && value !== undefined) {
    const { candidates, files } = flags.find((flag) => `${flag.word}=` === name)?.values ?? NOTHING
    return { files, candidates: candidates.map((each) => ({ ...each, word: `${name}${each.word}` })) }
  }
  const place = places[placed] ?? (variadic ? places.at(-1) : undefined)
  if (place && (flagsEnded || !current.startsWith('-'))) return place
  const left = flags.filter((flag) => flag.multiple || !(given.has(flag.word) || given.has(flag.opposite ?? '')))
  return flagsEnded ? NOTHING : { candidates: left, files: false }
}

/** The first word that is neither a flag nor a flag's value, and the words without it. */
export function takeName(
  flags: readonly Flag[],
  words: readonly string[],
): { readonly name: string; readonly others: string[] } | undefined {
  for (let end = 1; end <= words.length; end++) {
    if (walk(flags, words.slice(0, end)).placed === 0) continue
    return { name: words[end - 1]!, others: words.toSpliced(end - 1, 1) }
  }
  return undefined
}

// --- internal ---

interface Walked {
  /** Flag whose value comes next. */
  readonly waiting: Flag | undefined
  readonly given: ReadonlySet<string>
  /** How many places are taken. */
  readonly placed: number
  /** After `--` nothing is a flag. */
  readonly flagsEnded: boolean
}

function walk(flags: readonly Flag[], words: readonly string[]): Walked {
  const given = new Set<string>()
  let waiting: Flag | undefined
  let placed = 0
  let flagsEnded = false
  for (const word of words) {
    if (waiting) waiting = undefined
    else if (flagsEnded || !word.startsWith('-')) placed++
    else if (word === '--') flagsEnded = true
    else {
      const [name = '', ...value] = word.split('=')
      given.add(name)
      const flag = flags.find((each) => each.word === name)
      if (flag?.values && value.length === 0) waiting = flag
    }
  }
  return { waiting, given, placed, flagsEnded }
}
