import { UsageError } from '../core/errors.ts'
import { type ToolFlags, toolFlags } from '../tasks/arguments/tool_flags.ts'

/**
 * @param why for each flag, why it has no use here
 * @throws {UsageError} that names the first of these flags that was given
 */
export function refuseFlags(command: string, flags: ToolFlags, why: Partial<Record<keyof ToolFlags, string>>): void {
  const given = toolFlags.find(({ key }) => why[key] !== undefined && flags[key] !== undefined)
  if (given) throw new UsageError(`Cannot use --${given.name} with ${command}: ${why[given.key]}.`)
}
