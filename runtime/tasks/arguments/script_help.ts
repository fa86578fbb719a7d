/** Shows the help of a task or a script file. A plain file is not imported, because that would run it. */
import type { Host } from '../../host/host.ts'
import type { Script } from '../../script/define.ts'
import { importScript, readScriptFile } from '../../script/script_file.ts'
import { readSummary } from '../../script/summary.ts'
import { type Grants, grantsText } from '../registry/grants.ts'
import type { Task } from '../registry/registry.ts'
import { type Description, isolation } from '../run/isolation.ts'
import { argumentsSchema } from './arguments_schema.ts'
import { renderHelp } from './help.ts'
import { readParameters } from './schema.ts'
import { type ArgumentSources, type ReadArguments, readArguments } from './script_arguments.ts'
import { startCommand } from './start_command.ts'

export interface HelpSubject {
  readonly task: Task | undefined
  /** What it may do if it is isolated. */
  readonly isolated?: Grants | undefined
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
  host: Pick<Host, 'nowMs' | 'stdout' | 'program' | 'redirectConsole' | 'runtime'>,
  { task, isolated, name, file, ...given }: HelpSubject,
): Promise<void> {
  const script = file === undefined ? undefined : await describeScript(host, file, isolated)
  const header = file === undefined ? undefined : readSummary(file)
  const access = task?.access ?? (isolated?.mutations === null ? 'read' : 'write')
  const schedule = task?.schedule
  const scheduled = schedule && (await import('../registry/next_time.ts')).scheduleText(schedule, host.nowMs())
  const help = renderHelp({
    ...given,
    tool: startCommand(host),
    name,
    summary: task?.description ?? header?.summary ?? '',
    more: header?.more ?? [],
    access,
    needs: task?.needs.map((need) => need.task) ?? [],
    columns: host.stdout.columns,
    parameters: script?.parameters ?? [],
    ...(isolated ? { isolated: grantsText(isolated, access) } : {}),
    ...(scheduled ? { scheduled } : {}),
    ...(task?.onFailure === undefined ? {} : { onFailure: task.onFailure }),
    ...(script?.examples ? { examples: script.examples } : {}),
  })
  await host.stdout.write(help)
}

/** Writes the JSON Schema of its arguments to standard output. */
export async function showSchema(
  host: Pick<Host, 'stdout' | 'redirectConsole'>,
  { task, isolated, name, file }: HelpSubject,
): Promise<void> {
  const script = file === undefined ? undefined : await describeScript(host, file, isolated)
  const description = task?.description ?? (file === undefined ? '' : readSummary(file).summary)
  const about = { title: name, ...(description ? { description } : {}) }
  const schema = script?.schema ?? (await argumentsSchema(undefined, { title: '' }))
  await host.stdout.write(`${JSON.stringify({ ...schema, ...about }, null, 2)}\n`)
}

/** What a script takes; undefined for a plain file. An isolated one is asked in a process of its own. */
export async function describeScript(
  host: Pick<Host, 'redirectConsole'>,
  path: string,
  grants: Grants | undefined,
): Promise<Description | undefined> {
  if (grants) return readScriptFile(path).defines ? (await isolation()).describe({ file: path, grants }) : undefined
  const script = await loadDefinition(host, path)
  if (!script) return undefined
  const parameters = readParameters(script.args, script)
  return { parameters, examples: script.examples, schema: { ...(await argumentsSchema(script.args, { title: '' })) } }
}

/**
 * Reads and checks arguments as a run would.
 *
 * @throws {UsageError} like `readArguments`
 */
export async function readScriptArguments(
  host: Pick<Host, 'cwd' | 'redactor' | 'redirectConsole' | 'stdin'>,
  path: string,
  task: Pick<Task, 'name' | 'isolated'>,
  given: Omit<ArgumentSources, 'name'>,
): Promise<Omit<ReadArguments, 'args'>> {
  const sources = { ...given, name: task.name }
  if (task.isolated) return (await isolation()).readArguments({ file: path, grants: task.isolated }, sources)
  return readArguments(host, (await loadDefinition(host, path))!, sources)
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
