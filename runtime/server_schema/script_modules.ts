/** Reads scripts, and follows their imports to the documents that names stand for. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../core/system_code.ts'
import { ScriptSyntaxError } from '../script/source.ts'
import { DocumentText } from './document_text.ts'
import { type Reference, type ScriptDocuments, scriptDocuments, type WrittenText } from './script_documents.ts'

export interface ScriptModule {
  /** Absolute path. */
  readonly path: string
  readonly source: string
  /** Undefined if the script cannot be read; `problem` says why. */
  readonly documents: ScriptDocuments | undefined
  readonly problem: ScriptProblem | undefined
}

export interface ScriptProblem {
  readonly rule: 'ScriptSyntax' | 'Unreadable'
  /** A sentence. */
  readonly message: string
  readonly at: number
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
    const known = modules.get(path)
    if (known) return known
    const module = readModule(path)
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
    const [text, ...more] = module.documents?.names.get(name) ?? []
    if (text) return more.length === 0 ? { module, text } : undefined
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
      if (member === undefined) {
        const { names, choices } = module.documents ?? {}
        return documentsAmong(module, [...(names?.get(first) ?? []), ...(choices?.get(first) ?? [])])
      }
      const from = module.documents?.imports.get(first)?.from
      const target = from === undefined ? module : imported(module, from)
      return target ? documentsAmong(target, target.documents?.members.get(member)) : []
    },
  }
}

/** Reads a file, or says why it cannot: a link may be broken, or lead to a folder. */
export function readText(path: string): { readonly text: string; readonly problem?: ScriptProblem } {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const message = `Cannot read the file: the system says ${systemCode(error)}.`
    return { text: '', problem: { rule: 'Unreadable', message, at: 0 } }
  }
}

// --- internal ---

const DOCUMENT = /^[\s,]*(?:#[^\n]*\n[\s,]*)*(?:\{|(?:query|mutation|subscription|fragment)\b)/

function documentsAmong(module: ScriptModule, texts: readonly WrittenText[] = []): Written[] {
  const begins = ({ parts }: WrittenText) => {
    const text = new DocumentText()
    text.addPart(module.source, parts[0]!)
    return DOCUMENT.test(text.text)
  }
  return texts.filter(begins).map((text) => ({ module, text }))
}

function readModule(path: string): ScriptModule {
  const { text: source, problem } = readText(path)
  if (problem) return { path, source, documents: undefined, problem }
  try {
    return { path, source, documents: scriptDocuments(source), problem: undefined }
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error
    const { message, at } = error
    const told = { rule: 'ScriptSyntax', message: `Cannot read the script: ${message}.`, at } as const
    return { path, source, documents: undefined, problem: told }
  }
}
