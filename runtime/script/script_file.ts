/** Reads and imports a script's file, which is a `defineScript` or a plain file. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { defined, isScript, type Script } from './define.ts'

export interface ScriptFile {
  readonly path: string
  readonly source: string
  /** True if the source calls `defineScript` or exports a default. Its console must not mix with the result. */
  readonly defines: boolean
}

/**
 * @throws {UsageError} `WFG_USAGE` if there is no such file, or it does nothing
 */
export function readScriptFile(path: string): ScriptFile {
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`Cannot run ${quotedPath(path)}: there is no such file; expected a script.`)
  }
  const source = readFileSync(path, 'utf8')
  const code = codeOf(source)
  if (isEmpty(code)) {
    throw new UsageError(
      `Cannot run ${quotedPath(path)}: it does nothing; expected \`export default defineScript({ … })\`, or statements at the top level.`,
    )
  }
  return { path, source, defines: DEFINES.test(code) }
}

/**
 * True for a plain file that works only if `import.meta.main` is true, as in `if (import.meta.main)`. A file that compares
 * it or has a fallback (`import.meta.main ?? …`) supports runtimes without it. This reads the text, not the syntax tree:
 * a file that is started directly on Node is refused while it imports this package, which cannot wait for the parser.
 */
export function isGuarded(source: string): boolean {
  if (!source.includes('import.meta')) return false
  const code = codeOf(source)
  return GUARD.test(code) && !DEFINES.test(code)
}

/**
 * Imports the file, which runs a plain file.
 *
 * @returns the definition, or undefined for a plain file
 * @throws {UsageError} `WFG_USAGE` if the default export is something else, or was forgotten
 */
export async function importScript({ path, source, defines }: ScriptFile): Promise<Script | undefined> {
  const before = defined.count
  const cannot = `Cannot run ${quotedPath(path)}`
  if (isGuarded(source)) return importAsMain(path, cannot)
  const module = await load(path, cannot)
  const script = module['default']
  if (isScript(script)) return script
  if (script !== undefined) {
    throw new UsageError(
      `${cannot}: its default export is not made by defineScript; write \`export default defineScript({ … })\`.`,
    )
  }
  if (defines || defined.count > before) {
    throw new UsageError(
      `${cannot}: it calls defineScript and does not export what that gives; write \`export default\` before it.`,
    )
  }
  return undefined
}

// --- internal ---

const GUARD =
  /\bimport\s*\.\s*meta\s*\.\s*main\b(?!\s*(?:\?\?|[!=]==?))|\{[^{}]*\bmain\b[^{}]*\}\s*=\s*import\s*\.\s*meta\b/

/** A definition, or a re-export of one. */
const DEFINES = /\bdefineScript\s*[(<]|\bexport\s*(?:\{[^}]*\bdefault\b|default\b)/

/** A runtime's error for a script that is in no package, or in another one. */
const ELSEWHERE =
  /"#wfg[\w/]*" is not defined|(?:package|Import) ['"](?:wfg-scripts|#wfg)|Top-level await is currently not supported with the "cjs"|Cannot use 'import\.meta' outside a module/

async function load(path: string, cannot: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (cause) {
    if (!(cause instanceof Error) || !ELSEWHERE.test(cause.message)) throw cause
    throw new UsageError(
      `${cannot}: the package.json nearest to it lacks the import "#wfg", the package "wfg-scripts", or "type": "module". If it has the package, import "wfg-scripts" in place of "#wfg"; else move the file to where tasks.ts is, for example into scripts/.`,
      { cause },
    )
  }
}

async function importAsMain(path: string, cannot: string): Promise<undefined> {
  const { MARK, markAsMain } = await import('./main_module.ts')
  const undo = markAsMain(path)
  const module = await load(path, cannot).finally(undo)
  if (MARK in module) return undefined
  throw new UsageError(
    `${cannot}: it works only if import.meta.main is true, which this runtime does not let a task runner set; remove that condition.`,
  )
}

/** Removes comments, and the content of strings and templates. */
function codeOf(source: string): string {
  return source.replace(TRIVIA, (match) => (match.startsWith('/') ? ' ' : match.charAt(0).repeat(2)))
}

const TRIVIA = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|^#![^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g

/** True if the file only imports, and declares types, functions and plain values. */
function isEmpty(code: string): boolean {
  let left = code
  for (let before = ''; before !== left; ) {
    before = left
    left = left.replace(/\{[^{}]*\}/g, '{}')
  }
  return DECLARATIONS.reduce((rest, declaration) => rest.replace(declaration, ''), left).trim() === ''
}

/** Everything else counts as work, so a file is never refused because it was not understood. */
const DECLARATIONS: readonly RegExp[] = [
  /\bimport\b[\w$*{}\s,]{1,2000}?\bfrom\s*(?:''|"");?/g,
  /\b(?:export\s+)?(?:async\s+)?function\s*\*?\s*[\w$]+\s*\([^()]*\)\s*(?::\s*[\w$<>[\]|\s]+?)?\s*\{\};?/g,
  /\b(?:export\s+)?interface\s+[\w$]+\s*\{\};?/g,
  /\b(?:export\s+)?(?:const|let|var)\s+[\w$]+\s*=\s*(?:''|""|``|[\d_.]+|true|false|null|undefined|\{\}|\[\])(?=\s*(?:;|\n|$))\s*;?/g,
  /\bexport\s*\{\};?/g,
]
