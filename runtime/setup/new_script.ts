/** The files that `new` writes: a template filled in, or a copy of a script. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { listed } from '../tasks/output/notices.ts'
import type { Access } from '../tasks/registry/entry.ts'
import { isScriptName } from '../tasks/registry/folder.ts'
import type { Registry } from '../tasks/registry/registry.ts'

export interface NewScript {
  readonly name: string
  /** Path of the script, relative to the folder of `tasks.ts`, with forward slashes. */
  readonly script: string
  /** Path of its test; undefined for a copy. */
  readonly test: string | undefined
  readonly access: Access
  /** Arguments to try the script with. */
  readonly example: string
  /** Content of each file, by path. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * @param name `finance:report` becomes `scripts/finance/report.ts`
 * @param from a template, or a task or script file to copy
 * @param directory the folder that the path of a script file starts from
 * @throws {UsageError} `WFG_USAGE` if there is no such template, task or file
 */
export function newScript(registry: Registry, name: string, from: string, directory: string): NewScript {
  const path = name.replaceAll(':', '/')
  const template = Object.hasOwn(TEMPLATES, from) ? TEMPLATES[from] : undefined
  if (!template) return copyOf(registry, name, path, registry.find(from)?.script ?? resolve(directory, from))
  const [script, test] = [`scripts/${path}.ts`, `test/${path}.test.ts`]
  const fill = (file: string) =>
    readFileSync(new URL(`./templates/${file}.txt`, import.meta.url), 'utf8')
      .replaceAll('{{name}}', name)
      .replaceAll('{{script}}', importPath(dirname(test), script))
      .replaceAll("'#wfg", `'${publicName(registry.directory)}`)
  return { name, script, test, ...template, files: { [script]: fill(`${from}.ts`), [test]: fill(`${from}.test.ts`) } }
}

// --- internal ---

const TEMPLATES: Readonly<Record<string, Pick<NewScript, 'access' | 'example'>>> = {
  query: { access: 'read', example: '' },
  mutation: { access: 'write', example: '398 400 --data SUPPLIER --value Acme --dry-run' },
  plain: { access: 'read', example: '' },
}

/** What scripts import: `#wfg` if package.json defines it, otherwise the package by its name. */
function publicName(directory: string): string {
  const file = join(directory, 'package.json')
  const { imports = {} } = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { imports?: object }) : {}
  return '#wfg' in imports ? '#wfg' : 'wfg-scripts'
}

function copyOf(registry: Registry, name: string, path: string, from: string): NewScript {
  if (!isScriptName(basename(from)) || !statSync(from, { throwIfNoEntry: false })?.isFile()) {
    const templates = Object.keys(TEMPLATES)
    const tasks = [...registry.tasks.values()].flatMap((task) => (task.script === undefined ? [] : task.name))
    const there = [
      `the templates ${templates.join(', ')}`,
      tasks.length === 0 ? 'no tasks' : `the tasks ${listed(tasks)}`,
      'and any path of a script',
    ]
    const hint = didYouMean(basename(from), [...templates, ...tasks]) || `; there are ${there.join(', ')}.`
    throw new UsageError(
      `Cannot write the script ${JSON.stringify(name)}: ${JSON.stringify(basename(from))} is not a template, a task or a script file${hint}`,
    )
  }
  const script = `scripts/${path}${extname(from)}`
  const [oldFolder, newFolder] = [dirname(from), dirname(resolve(registry.directory, script))]
  const text = readFileSync(from, 'utf8').replace(RELATIVE_IMPORT, (_, before: string, specifier: string) => {
    return `${before}${importPath(newFolder, resolve(oldFolder, specifier))}`
  })
  const original = [...registry.tasks.values()].find((task) => task.script === from)
  return {
    name,
    script,
    test: undefined,
    access: original?.access ?? 'write',
    example: '--help',
    files: { [script]: text },
  }
}

const RELATIVE_IMPORT = /(\b(?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"\n]+)(?=['"])/g

function importPath(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}
