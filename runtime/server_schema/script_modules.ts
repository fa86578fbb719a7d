/** Reads scripts, and follows their imports to the documents that names stand for. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../core/system_code.ts'
import { ScriptSyntaxError } from '../script/source.ts'
import { type Reference, type ScriptDocuments, scriptDocuments, type WrittenText } from './script_documents.ts'

/** A place in a file. */
export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

export interface Problem extends Place {
  /** Absolute path. */
  readonly path: string
  readonly severity: 'error' | 'warning'
  readonly rule: string
  /** A sentence. */
  readonly message: string
}

export interface ScriptModule {
  /** Absolute path. */
  readonly path: string
  readonly source: string
  /** Undefined if the script cannot be read; `problem` says why. */
  readonly documents?: ScriptDocuments
  readonly problem?: Problem
}

export interface Written {
  readonly module: ScriptModule
  readonly text: WrittenText
}

export interface ScriptModules {
  /** Reads the file, once. */
  at(path: string): ScriptModule
  /** Finds the text that a name stands for. */
  find(module: ScriptModule, reference: Reference): Written | undefined
  /** Finds the texts that a name passed to a client may stand for. If several have the name, those that begin like a document. */
  findGiven(module: ScriptModule, reference: readonly string[]): readonly Written[]
}

export function createModules(): ScriptModules {
  const modules = new Map<string, ScriptModule>()
  const at = (path: string): ScriptModule => {
    const module = modules.get(path) ?? readModule(path)
    modules.set(path, module)
    return module
  }
  const exported = (module: ScriptModule, name: string, seen: ReadonlySet<ScriptModule>): Written | undefined => {
    const found = module.documents?.exports.get(name)
    if (!found || seen.has(module)) return undefined
    if (found.from === undefined) return local(module, found.name, seen)
    const target = imported(module, found.from)
    return target && exported(target, found.name, new Set([...seen, module]))
  }
  const local = (module: ScriptModule, name: string, seen: ReadonlySet<ScriptModule>): Written | undefined => {
    const texts = module.documents?.names.get(name)
    if (texts) return texts.length === 1 && texts[0] ? { module, text: texts[0] } : undefined
    const found = module.documents?.imports.get(name)
    const target = found && imported(module, found.from)
    return target && exported(target, found.name, new Set([...seen, module]))
  }
  const imported = ({ path }: ScriptModule, from: string): ScriptModule | undefined => {
    if (!from.startsWith('.')) return undefined
    const file = [from, `${from}.ts`].map((each) => resolve(dirname(path), each)).find(existsSync)
    return file === undefined ? undefined : at(file)
  }
  const find = (module: ScriptModule, reference: Reference): Written | undefined => {
    const [first, second] = reference ?? []
    if (first === undefined) return undefined
    if (second === undefined) return local(module, first, new Set())
    const found = module.documents?.imports.get(first)
    const target = found?.name === '*' ? imported(module, found.from) : undefined
    return target && exported(target, second, new Set([module]))
  }
  return {
    at,
    find,
    findGiven(module, reference) {
      const one = find(module, reference)
      if (one) return [one]
      const [first = '', member] = reference
      const from = member === undefined ? undefined : module.documents?.imports.get(first)?.from
      const target = from === undefined ? module : imported(module, from)
      const texts = target?.documents?.names.get(member === undefined ? first : `.${member}`) ?? []
      return texts.flatMap((text) => (text && DOCUMENT.test(text.parts[0]!.cooked) ? { module: target!, text } : []))
    },
  }
}

/** Reads a file, or says why it cannot: a link may be broken, or lead to a folder. */
export function readText(path: string): { readonly source: string; readonly problem?: Problem } {
  try {
    return { source: readFileSync(path, 'utf8') }
  } catch (error) {
    const message = `Cannot read the file: the system says ${systemCode(error)}.`
    return { source: '', problem: { path, line: 1, column: 1, severity: 'error', rule: 'Unreadable', message } }
  }
}

export function placeAt(source: string, index: number): Place {
  const before = source.slice(0, index).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

// --- internal ---

const DOCUMENT = /^[\s,]*(?:#[^\n]*\n[\s,]*)*(?:\{|(?:query|mutation|subscription|fragment)\b)/

function readModule(path: string): ScriptModule {
  const { source, problem } = readText(path)
  if (problem) return { path, source, problem }
  try {
    return { path, source, documents: scriptDocuments(source) }
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error
    const message = `Cannot read the script: ${error.message}.`
    return {
      path,
      source,
      problem: { path, ...placeAt(source, error.at), severity: 'error', rule: 'ScriptSyntax', message },
    }
  }
}
