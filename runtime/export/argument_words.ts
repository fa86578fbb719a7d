/** Turns the arguments of a schedule into words of a command line. */
import type { Host } from '../host/host.ts'
import { isSwitch, type Parameter } from '../tasks/arguments/schema.ts'
import type { Schedule } from '../tasks/registry/entry.ts'
import type { Task } from '../tasks/registry/registry.ts'
import { checkScheduleArguments } from '../tasks/registry/schedule_arguments.ts'

/** Returns flags, then positionals. Throws like `checkScheduleArguments()`. */
export async function argumentWords(host: Host, task: Task, schedule: Schedule): Promise<string[]> {
  const { parameters, values } = await checkScheduleArguments(host, task, schedule)
  const used = parameters.filter(({ key }) => values[key] !== undefined && values[key] !== null)
  const flags = used.filter(({ positional }) => !positional).flatMap((each) => flagWords(each, values[each.key]))
  const places = used.filter(({ positional }) => positional).flatMap(({ key }) => texts(values[key]))
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
