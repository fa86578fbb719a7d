/** What a script says of documents: those that it writes, the names that it gives them, and where it has others from. */
import { behindBracket, type Token, tokensOf } from './tokens.ts'

/** A text among the script's, with what is put into it. */
export interface WrittenText {
  /** `gql`: only documents are put in; `wfg`: values as well; `text`: whatever it is, it becomes a part of the text. */
  readonly by: 'gql' | 'wfg' | 'text'
  readonly token: Extract<Token, { kind: 'string' | 'template' }>
  /** What is put in, in place of each hole and then behind the text. */
  readonly holes: readonly Reference[]
  readonly added: readonly Reference[]
}

/** An expression that is a name, such as `Names` or `fragments.Names`; undefined for any other. */
export type Reference = readonly string[] | undefined

export interface ScriptDocuments {
  /** Documents, and texts that are one where they are given to `wfg`. */
  readonly texts: readonly WrittenText[]
  /** By the name of the constant; several may have it, each in a function of its own. */
  readonly names: ReadonlyMap<string, readonly WrittenText[]>
  /** By the name of a constant that is one of them, or something else. */
  readonly choices: ReadonlyMap<string, readonly WrittenText[]>
  /** By the name of the member of an object. */
  readonly members: ReadonlyMap<string, readonly WrittenText[]>
  /** Local name to what is imported; `*` for a whole module. */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>
  /** Exported name to local name, or to another module's. */
  readonly exports: ReadonlyMap<string, { readonly from: string | undefined; readonly name: string }>
  /** What is given to `wfg` by a name, such as `Names` or `documents.Names`. */
  readonly given: readonly (readonly string[])[]
}

/** @throws {ScriptSyntaxError} */
export function scriptDocuments(source: string): ScriptDocuments {
  const tokens = tokensOf(source)
  const found: Found = {
    ...{
      texts: [],
      given: [],
      names: new Map(),
      choices: new Map(),
      members: new Map(),
      imports: new Map(),
      exports: new Map(),
    },
  }
  readModule(source, tokens, found)
  const clients = clientNames(source)
  const tags = new Set(['gql', ...[...source.matchAll(/\bgql\s+as\s+([\w$]+)/g)].map(([, name]) => name!)])
  readTexts(tokens, { clients, tags, found })
  return found
}

// --- internal ---

interface Found {
  readonly texts: WrittenText[]
  readonly names: Map<string, WrittenText[]>
  readonly choices: Map<string, WrittenText[]>
  readonly members: Map<string, WrittenText[]>
  readonly imports: Map<string, { from: string; name: string }>
  readonly exports: Map<string, { from: string | undefined; name: string }>
  readonly given: (readonly string[])[]
}

interface Reading {
  readonly clients: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
  readonly found: Found
}

/** `wfg`, and what a script calls another client. */
function clientNames(source: string): Set<string> {
  const names = new Set(['wfg'])
  for (const [, name] of source.matchAll(/\bwfg\s*(?:\bas\b|:)\s*([\w$]+)/g)) names.add(name!)
  for (const [, name] of source.matchAll(/([\w$]+)\s*(?::[^=\n]+)?=\s*(?:createWfg\s*\(|[\w$.]+\.extend\s*\()/g))
    names.add(name!)
  for (const [, name] of source.matchAll(/([\w$]+)\s*(?:\??:\s*Wfg\b|=\s*wfg\s*(?=[;,)}]|\n\s*[\w$/}]|$))/g))
    names.add(name!)
  return names
}

const METHODS = ['execute', 'paginate', 'bulk']

function readTexts(tokens: readonly Token[], reading: Reading): void {
  const { clients, tags, found } = reading
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.kind === 'template') for (const hole of token.holes) readTexts(hole, reading)
    if (token.kind === 'string' || token.kind === 'template') {
      name(tokens, at, writtenAt(tokens, at, token), found)
    }
    if (token.kind !== 'word') continue
    const next = tokens[at + 1]
    if (tags.has(token.text) && next) {
      const text = readGql(tokens, behindTypes(tokens, at + 1))
      if (text) {
        found.texts.push(text)
        name(tokens, at, text, found)
      }
    }
    const behind = behindClient(tokens, at, clients)
    const used = behind === undefined ? undefined : tokens[behind]
    if (behind === undefined || !used) continue
    if (used.kind === 'template') {
      found.texts.push({ by: 'wfg', token: used, holes: holesOf(used), added: [] })
      continue
    }
    const method = isSign(used, '.') ? tokens[behind + 1] : undefined
    const isMethod = method?.kind === 'word' && METHODS.includes(method.text)
    const call = behindTypes(tokens, isMethod ? behind + 2 : behind)
    if (isSign(tokens[call], '(')) readGiven(tokens, call + 1, found)
  }
}

/** Where what names or makes a client ends: `wfg`, `createWfg(…)`, and either with `.extend(…)`. */
function behindClient(tokens: readonly Token[], at: number, clients: ReadonlySet<string>): number | undefined {
  const { text } = tokens[at] as { text: string }
  const isMade = text === 'createWfg' && isSign(tokens[at + 1], '(')
  if (!isMade && !clients.has(text)) return undefined
  let end = isMade ? behindBracket(tokens, at + 1) : at + 1
  while (isSign(tokens[end], '.') && isWord(tokens[end + 1], 'extend') && isSign(tokens[end + 2], '(')) {
    end = behindBracket(tokens, end + 2)
  }
  return end
}

/** `?.`, and what stands between `<` and `>` before a bracket or text; where there is none of it, the same place. */
function behindTypes(tokens: readonly Token[], at: number): number {
  if (isSign(tokens[at], '?') && isSign(tokens[at + 1], '.')) return at + 2
  if (!isSign(tokens[at], '<')) return at
  let depth = 0
  for (let end = at; end < tokens.length; end++) {
    if (isSign(tokens[end], '<')) depth += 1
    // That of `=>` closes nothing.
    else if (isSign(tokens[end], '>') && !isSign(tokens[end - 1], '=')) depth -= 1
    if (depth === 0) return end + 1
  }
  return at
}

/** `` gql`…` `` and `gql('…', Fragment)`. */
function readGql(tokens: readonly Token[], at: number): WrittenText | undefined {
  const token = tokens[at]!
  if (token.kind === 'template') return { by: 'gql', token, holes: holesOf(token), added: [] }
  const text = tokens[at + 1]
  if (!isSign(token, '(') || (text?.kind !== 'string' && text?.kind !== 'template')) return undefined
  const end = behindBracket(tokens, at) - 1
  const added = split(tokens.slice(at + 2, end)).slice(1)
  return { ...writtenAt(tokens, at + 1, text), added: added.map(referenceOf) }
}

/** A text that goes on with `+` ends in what only the run knows. */
function writtenAt(tokens: readonly Token[], at: number, token: WrittenText['token']): WrittenText {
  const holes = holesOf(token)
  return { by: 'text', token, holes: isSign(tokens[at + 1], '+') ? [...holes, undefined] : holes, added: [] }
}

/** What stands first between the brackets of a call; of a choice, what can be chosen. */
function readGiven(tokens: readonly Token[], at: number, found: Found): void {
  const [first = []] = split(tokens.slice(at, behindBracket(tokens, at - 1) - 1))
  const isChoice = first.some((token, index) => isSign(token, '?') && !isSign(first[index + 1], '.'))
  first.forEach((token, index) => {
    const before = first[index - 1]
    if (index > 0 && !(isChoice && (isSign(before, '?') || isSign(before, ':')))) return
    const next = first[index + 1]
    if (token.kind === 'string' || token.kind === 'template') found.texts.push(writtenAt(first, index, token))
    else if (token.kind === 'word') {
      const isMember = isSign(next, '.') && first[index + 2]?.kind === 'word'
      const end = first[index + (isMember ? 3 : 1)]
      const name = isMember ? first.slice(index, index + 3) : [token]
      if (!end || isSign(end, ':') || isWord(end, 'as')) found.given.push(referenceOf(name)!)
    }
  })
}

/** `const Name = …`, `const Name: Type = …`, and `{ Name: … }`. */
function name(tokens: readonly Token[], at: number, text: WrittenText, { names, choices, members }: Found): void {
  const start = behindAssignment(tokens, at)
  const before = tokens[start - 1]
  const isMember = isSign(before, ':') && (isSign(tokens[start - 3], '{') || isSign(tokens[start - 3], ','))
  if (!isSign(before, '=') && !isMember) return
  const named = !isMember && isSign(tokens[start - 3], ':') ? tokens[start - 4] : tokens[start - 2]
  if (named?.kind !== 'word') return
  const found = isMember ? members : start === at ? names : choices
  found.set(named.text, [...(found.get(named.text) ?? []), text])
}

/** Where the value begins that the text is, or that it is one choice of, as in `const Name = isAll ? '…' : '…'`. */
function behindAssignment(tokens: readonly Token[], at: number): number {
  let isChoice = false
  for (let start = at; start > Math.max(0, at - LONGEST_CHOICE); start--) {
    const before = tokens[start - 1]!
    if (before.kind === 'sign' && ';{},'.includes(before.text)) return at
    isChoice ||= isSign(before, '?')
    const isCompared = '=!<>'.split('').some((sign) => isSign(tokens[start - 2], sign)) || isSign(tokens[start], '=')
    if (isSign(before, '=') && !isCompared && !isSign(tokens[start], '>')) return isChoice ? start : at
  }
  return at
}

/** In tokens. */
const LONGEST_CHOICE = 100

function holesOf(token: WrittenText['token']): Reference[] {
  return token.kind === 'template' ? token.holes.map(referenceOf) : []
}

function referenceOf(tokens: readonly Token[]): Reference {
  const isName = tokens.every((token, index) => (index % 2 === 0 ? token.kind === 'word' : isSign(token, '.')))
  if (!isName || tokens.length % 2 === 0) return undefined
  return tokens.flatMap((token) => (token.kind === 'word' ? [token.text] : []))
}

function split(tokens: readonly Token[]): Token[][] {
  const pieces: Token[][] = [[]]
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]!
    const end = token.kind === 'sign' && '([{'.includes(token.text) ? behindBracket(tokens, at) : at + 1
    if (isSign(token, ',')) pieces.push([])
    else pieces.at(-1)!.push(...tokens.slice(at, end))
    at = end
  }
  return pieces.filter((piece, index) => index === 0 || piece.length > 0)
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}

/** `import { a as b } from '…'`, `import * as a from '…'`, `export { a as b } [from '…']`, `export const a`. */
function readModule(source: string, tokens: readonly Token[], { imports, exports }: Found): void {
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || (token.text !== 'import' && token.text !== 'export')) return
    const next = tokens[at + 1]
    const isExport = token.text === 'export'
    if (isExport && next?.kind === 'word' && /^(?:const|let|var)$/.test(next.text)) {
      const named = tokens[at + 2]
      if (named?.kind === 'word') exports.set(named.text, { from: undefined, name: named.text })
    } else if (isSign(next, '{')) {
      const end = behindBracket(tokens, at + 1)
      const from = textFrom(source, tokens, end)
      for (const words of split(tokens.slice(at + 2, end - 1))) {
        const [first, ...more] = words.flatMap((word) =>
          word.kind === 'word' && word.text !== 'type' ? [word.text] : [],
        )
        const last = more.at(-1) ?? first
        if (first === undefined || last === undefined) continue
        if (isExport) exports.set(last, { from, name: first })
        else if (from !== undefined) imports.set(last, { from, name: first })
      }
    } else if (!isExport && isSign(next, '*')) {
      const named = tokens[at + 3]
      const from = textFrom(source, tokens, at + 4)
      if (named?.kind === 'word' && from !== undefined) imports.set(named.text, { from, name: '*' })
    }
  })
}

function textFrom(source: string, tokens: readonly Token[], at: number): string | undefined {
  const [word, text] = [tokens[at], tokens[at + 1]]
  if (word?.kind !== 'word' || word.text !== 'from' || text?.kind !== 'string') return undefined
  return source.slice(text.start + 1, text.end - 1)
}
