/** Whether a script's own source uses the `Deno` namespace, read as text. */

/** A script names what it uses long before this many characters; the rest of a longer one is not read. */
const MAX_LENGTH = 1024 * 1024

/**
 * True where the code says `Deno.`, `Deno?.`, `Deno[` or takes members out of it (`const { args } = Deno`); in a comment,
 * a string or a regular expression it is only a word.
 */
export function namesDeno(source: string): boolean {
  // Almost every script ends here.
  return source.includes('Deno') && USE.test(codeOf(source.slice(0, MAX_LENGTH)))
}

// --- internal ---

/** A member of something else (`shim.Deno.args`) is not meant; `...Deno.args` is. */
const USE =
  /(?<![\w$#])(?:(?<!(?<!\.\.)\.\s*)|(?<=\bglobalThis\s*\??\.\s*))Deno\s*(?:\??\.(?!\.)|\[)|\}\s*=\s*Deno\b(?!\s*\()/

/** One piece of the text, in the order in which they are tried. An unclosed comment reaches to the end. */
const PIECE = new RegExp(
  [
    /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/, // comment
    /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/, // string
    /[\w$]+/,
    /\s+/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y',
)
/** Bounded: what begins one and does not end is looked at again and again. */
const REGEXP = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,500}\]|[^/\\[\n]){1,1000}\/\w*/y
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y
/** After these a slash begins a regular expression; after any other word it divides. */
const KEYWORD = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield|new)$/

/** The text with comments, strings, regular expressions and the texts of templates left out. */
function codeOf(text: string): string {
  let code = ''
  let at = 0
  let depth = 0
  /** The last piece that was neither space nor comment. */
  let last = ''
  /** Depths at which the open `${` of templates end. */
  const templates: number[] = []
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    const piece = pattern.exec(text)?.[0] ?? ''
    at += piece.length
    return piece
  }
  const takeTemplate = () => {
    take(TEMPLATE)
    const resumes = text.startsWith('${', at)
    if (resumes) templates.push(depth)
    at += resumes ? 2 : 1
    code += resumes ? '(' : ')'
    last = resumes ? '(' : ')'
  }
  while (at < text.length) {
    if (text[at] === '/' && !dividesAfter(last) && take(REGEXP) !== '') {
      code += last = ')'
      continue
    }
    const piece = take(PIECE)
    if (piece === '`' || (piece === '}' && templates.at(-1) === depth)) {
      if (piece === '}') templates.pop()
      takeTemplate()
    } else if (/^(?:\/[/*]|\s)/.test(piece)) {
      code += ' '
    } else if (/^['"]/.test(piece)) {
      code += last = '""'
    } else {
      if (piece === '{') depth++
      if (piece === '}') depth--
      code += last = piece
    }
  }
  return code
}

function dividesAfter(piece: string): boolean {
  return /^(?:[\w$]+|[)\]}]|"")$/.test(piece) && !KEYWORD.test(piece)
}
