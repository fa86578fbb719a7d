/** Finds what may come next on a command line. */

export interface Candidate {
  readonly word: string
  /** One line; may be empty. */
  readonly description: string
}

/** The possible values of a flag or a place. */
export interface Values {
  readonly candidates: readonly Candidate[]
  /** True if files are candidates too. */
  readonly files: boolean
}

export interface Flag extends Candidate {
  /** Undefined for a flag without a value. */
  readonly values: Values | undefined
  /** May be given more than once. */
  readonly multiple: boolean
  /** The other form of the flag, such as `--no-open`. Only one of the two is given. */
  readonly opposite?: string
}

export interface Grammar {
  readonly flags: readonly Flag[]
  /** The positionals, in order. */
  readonly places: readonly Values[]
  /** True if the last place takes all words that follow. */
  readonly variadic: boolean
}

export const NOTHING: Values = { candidates: [], files: false }

/** @param words before `current`, the part of the next word that is typed. The shell drops candidates that do not match it */
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

/** Returns the first word that is neither a flag nor the value of one, and the other words. */
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
  /** The flag whose value comes next. */
  readonly waiting: Flag | undefined
  readonly given: ReadonlySet<string>
  /** How many places are filled. */
  readonly placed: number
  /** True after `--`. */
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
