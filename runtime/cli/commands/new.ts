/** Writes a new script with its test, and registers it in `tasks.ts`. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import { systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import { replaceFile } from '../../host/replace_file.ts'
import { type NewScript, newScript } from '../../setup/new_script.ts'
import { entryOf, insertEntry } from '../../setup/register.ts'
import { startCommand } from '../../tasks/arguments/start_command.ts'
import { nameProblems } from '../../tasks/registry/entry.ts'
import type { Registry } from '../../tasks/registry/registry.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'
import { RESERVED_NAMES, USAGES } from '../usages.ts'

/** Checks everything before it writes anything, and overwrites nothing. */
export async function run({ host, registry, args, flags }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('new', args, { from: { type: 'string' } })
  const [name] = positionals
  if (name === undefined || positionals.length > 1) {
    const found = name === undefined ? 'no name was given' : 'more than one name was given'
    throw new UsageError(`Cannot write a script: ${found}; expected ${USAGES.new.usage}.`)
  }
  const cannot = `Cannot write the script ${JSON.stringify(name)}`
  refuseProblems(cannot, nameConflicts(registry, name))
  const script = newScript(registry, name, (values['from'] as string | undefined) ?? 'query', host.cwd())
  const files = Object.keys(script.files)
  refuseProblems(cannot, files.filter((file) => existsSync(join(registry.directory, file))).map(exists))
  const registered = insertEntry(readFileSync(registry.file, 'utf8'), script)
  if (!flags.dryRun) write(registry, script, registered, cannot)
  await host.stdout.write(report(host, script, { registered: registered !== undefined, dryRun: flags.dryRun ?? false }))
}

// --- internal ---

/** Windows cannot have a file of such a name, whatever its extension, nor clone a repository with one. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/

function nameConflicts(registry: Registry, name: string): string[] {
  const problems = nameProblems(name, 'name')
  if (name.startsWith('_')) problems.push('a file whose name begins with "_" is shared by scripts, and is not a script')
  if (name.split(':').some((part) => DEVICES.test(part)))
    problems.push('on Windows this is the name of a device, so no file can have it; expected another name')
  if (RESERVED_NAMES.includes(name)) problems.push('a command has this name; expected another name')
  const task = registry.find(name)
  if (task?.name === name) problems.push('a task has this name; expected another name')
  else if (task) problems.push(`it is an alias of the task ${JSON.stringify(task.name)}; expected another name`)
  return problems
}

function exists(file: string): string {
  return `the file ${quotedPath(file)} exists; expected another name`
}

/** Writes everything or nothing. `tasks.ts` comes last. */
function write({ directory, file }: Registry, script: NewScript, registered: string | undefined, cannot: string): void {
  const made: string[] = []
  const make = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '', { flag: 'wx' })
    made.push(path) // removed again after an error
    writeFileSync(path, text)
  }
  try {
    for (const [path, text] of Object.entries(script.files)) make(join(directory, path), text)
    if (registered === undefined) return
    replaceFile(realpathSync(file), registered)
  } catch (error) {
    for (const path of made) rmSync(path)
    const { path } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${cannot}: ${quotedPath(path ?? directory)} cannot be written (${systemReason(error)}), so nothing was written; expected a folder that you may write to.`,
    )
  }
}

function report(
  host: Pick<CommandCall['host'], 'program' | 'runtime'>,
  script: NewScript,
  { registered, dryRun }: { readonly registered: boolean; readonly dryRun: boolean },
): string {
  const { name, files, test, example } = script
  const names = Object.keys(files).join(' and ')
  const commandLines = [
    `${startCommand(host)} ${name} ${example}`.trimEnd(),
    ...(test ? [startCommand(host, test)] : []),
  ]
  return [
    registered
      ? `${dryRun ? 'Would write' : 'Wrote'} ${names}, and ${dryRun ? 'name' : 'named'} it in tasks.ts.`
      : `${dryRun ? 'Would write' : 'Wrote'} ${names}. Add this to the tasks in tasks.ts, in which no place for it was found:\n\n${entryOf(script, '  ', '\n')}`,
    ...(test ? [] : ['The copy has no test yet. If the original has one, copy it too.']),
    '',
    ...commandLines.map((line) => `  ${line}`),
    '',
  ].join('\n')
}
