/** The arguments of a schedule as words of a command line, held against the script that is to take them. */
import { UsageError } from '../../errors.ts'
import type { Host } from '../../host.ts'
import { checkArguments } from '../../tasks/check_arguments.ts'
import type { Schedule } from '../../tasks/entry.ts'
import type { Task } from '../../tasks/registry.ts'
import { isSwitch, type Parameter } from '../../tasks/schema.ts'
import { givenArguments } from '../../tasks/script_arguments.ts'
import { readScriptFile } from '../../tasks/script_file.ts'
import { loadDefinition } from '../../tasks/script_help.ts'

/**
 * Flags, then positionals, one word a value.
 *
 * @throws {UsageError} whose message says why the script could not run so, to be put behind the task's name
 */
export async function argumentWords(host: Host, task: Task, args: Schedule['args']): Promise<string[]> {
  const file = task.script === undefined ? undefined : readScriptFile(task.script)
  if (!file?.defines) {
    if (file && args !== undefined)
      throw new UsageError('its schedule has "args", and its script is a plain file, which takes none by name')
    return []
  }
  const script = await loadDefinition(host, file.path)
  if (!script) return []
  const source = { name: task.name, argv: [], argsFile: undefined, args: args ?? {} }
  const asking = { ask: undefined, isPicked: false, command: '', noColor: true, signal: new AbortController().signal }
  const { parameters, given } = await givenArguments(host, script, source, asking)
  const secret = parameters.find(({ key, secret }) => secret && Object.hasOwn(given.values, key))
  if (secret) throw new UsageError(`its schedule gives --${secret.flag}, which is a secret and would be written down`)
  await checkArguments(script.args, given, parameters)
  const used = parameters.filter(({ key }) => given.values[key] !== undefined && given.values[key] !== null)
  const flags = used.filter(({ positional }) => !positional).flatMap((each) => flagWords(each, given.values[each.key]))
  const places = used.filter(({ positional }) => positional).flatMap(({ key }) => texts(given.values[key]))
  return places.some((text) => text.startsWith('-')) ? [...flags, '--', ...places] : [...flags, ...places]
}

// --- internal ---

function flagWords(parameter: Parameter, value: unknown): string[] {
  const { flag } = parameter
  if (isSwitch(parameter)) return [value === true ? `--${flag}` : `--no-${flag}`]
  return texts(value).map((text) => `--${flag}=${text}`)
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map((each) =>
    each instanceof Date ? each.toISOString() : String(each),
  )
}
