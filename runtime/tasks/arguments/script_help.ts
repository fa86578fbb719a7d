/** Shows the help of a task or a script file. A plain file is not imported, because that would run it. */
import type { Host } from '../../host/host.ts'
import type { Script } from '../../script/define.ts'
import { importScript, readScriptFile } from '../../script/script_file.ts'
import { readSummary } from '../../script/summary.ts'
import type { Task } from '../registry/registry.ts'
import { argumentsSchema } from './arguments_schema.ts'
import { renderHelp } from './help.ts'
import { readParameters } from './schema.ts'
import { startCommand } from './start_command.ts'

export interface HelpSubject {
  readonly task: Task | undefined
  /** The command that runs it, without `name`. Default: the one that starts the tool. */
  readonly command?: string
  readonly name: string
  /** Absolute path; undefined for a task that only needs others. */
  readonly file: string | undefined
}

/**
 * Writes the help to standard output.
 *
 * @throws {UsageError} `WFG_USAGE` if the file is no script
 */
export async function showHelp(
  host: Pick<Host, 'stdout' | 'program' | 'redirectConsole' | 'runtime'>,
  { task, name, file, ...given }: HelpSubject,
): Promise<void> {
  const script = file === undefined ? undefined : await loadDefinition(host, file)
  const header = file === undefined ? undefined : readSummary(file)
  const help = renderHelp({
    ...given,
    tool: startCommand(host),
    name,
    summary: task?.description ?? header?.summary ?? '',
    more: header?.more ?? [],
    access: task?.access ?? 'write',
    needs: task?.needs.map((need) => need.task) ?? [],
    columns: host.stdout.columns,
    parameters: readParameters(script?.args, script),
    ...(script?.examples ? { examples: script.examples } : {}),
  })
  await host.stdout.write(help)
}

/** Writes the JSON Schema of its arguments to standard output. */
export async function showSchema(
  host: Pick<Host, 'stdout' | 'redirectConsole'>,
  { task, name, file }: HelpSubject,
): Promise<void> {
  const script = file === undefined ? undefined : await loadDefinition(host, file)
  const description = task?.description ?? (file === undefined ? '' : readSummary(file).summary)
  readParameters(script?.args, script)
  const schema = await argumentsSchema(script?.args, { title: name, ...(description ? { description } : {}) })
  await host.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
}

/** Imports the definition while the console writes to standard error; undefined for a plain file. */
export async function loadDefinition(host: Pick<Host, 'redirectConsole'>, path: string): Promise<Script | undefined> {
  const file = readScriptFile(path)
  if (!file.defines) return undefined
  const restore = host.redirectConsole()
  try {
    return await importScript(file)
  } finally {
    restore()
  }
}
