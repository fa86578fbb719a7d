/** A script's file: loaded, and told apart as a `defineScript` or a plain file. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../errors.ts'
import { defined, isScript, type Script } from './define.ts'

export interface ScriptFile {
  readonly path: string
  readonly source: string
  /** Whether the source calls `defineScript`, so that its console must not reach the result. */
  readonly defines: boolean
}

/**
 * @throws {UsageError} `WFG_USAGE` when there is no such file
 */
export function readScriptFile(path: string): ScriptFile {
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`Cannot run ${JSON.stringify(path)}: there is no such file; expected a script.`)
  }
  const source = readFileSync(path, 'utf8')
  if (isEmpty(source)) {
    throw new UsageError(
      `Cannot run ${JSON.stringify(path)}: it does nothing; expected \`export default defineScript({ … })\`, or statements at the top level.`,
    )
  }
  return { path, source, defines: /\bdefineScript\s*[(<]/.test(source) }
}

/**
 * Imports the file; a plain file does its work by that.
 *
 * @returns the definition, or undefined for a plain file
 * @throws {UsageError} `WFG_USAGE` when the default export is something else, or was forgotten
 */
export async function importScript({ path }: ScriptFile): Promise<Script | undefined> {
  const before = defined.count
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  const script = module['default']
  if (isScript(script)) return script
  const cannot = `Cannot run ${JSON.stringify(path)}`
  if (script !== undefined) {
    throw new UsageError(
      `${cannot}: its default export is not made by defineScript; write \`export default defineScript({ … })\`.`,
    )
  }
  if (defined.count > before) {
    throw new UsageError(
      `${cannot}: it calls defineScript and does not export what that gives; write \`export default\` before it.`,
    )
  }
  return undefined
}

// --- internal ---

/** Nothing but comments, imports, and values that are given names: no call, no template, so no work. */
function isEmpty(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').replace(/^\s*import\b[^\n]*$/gm, '')
  return !/[(`]|\bnew\b|\bawait\b|\bthrow\b/.test(code)
}
