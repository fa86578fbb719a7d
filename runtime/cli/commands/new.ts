/** A new script with its test, named in `tasks.ts`. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import { systemCode } from '../../core/system_code.ts'
import { replaceFile } from '../../host/replace_file.ts'
import { type NewScript, newScript } from '../../setup/new_script.ts'
import { entryOf, insertEntry } from '../../setup/register.ts'
import { startCommand } from '../../tasks/arguments/start_command.ts'
import { nameProblems } from '../../tasks/registry/entry.ts'
import type { Registry } from '../../tasks/registry/registry.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'
import { RESERVED_NAMES, USAGES } from '../usages.ts'

/** Everything is checked before anything is written, and nothing that exists is overwritten. */
export async function run({ host, registry, args, flags }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('new', args, { from: { type: 'string' } })
  const [name] = positionals
  if (name === undefined || positionals.length > 1) {
    const found = name === undefined ? 'no name was given' : 'more than one name was given'
    throw new UsageError(`Cannot make a script: ${found}; expected ${USAGES.new.usage}.`)
  }
  const cannot = `Cannot make the script ${JSON.stringify(name)}`
  refuseProblems(cannot, nameConflicts(registry, name))
  const script = newScript(registry, name, (values['from'] as string | undefined) ?? 'query', host.cwd())
  const files = Object.keys(script.files)
  refuseProblems(cannot, files.filter((file) => existsSync(join(registry.directory, file))).map(exists))
  const registered = insertEntry(readFileSync(registry.file, 'utf8'), script)
  if (!flags.dryRun) write(registry, script, registered, cannot)
  await host.stdout.write(report(host, script, { registered: registered !== undefined, dryRun: flags.dryRun ?? false }))
}

// --- internal ---

/** A file of such a name, with whatever extension, cannot be made on Windows, nor a repository with one be cloned there. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/

function nameConflicts(registry: Registry, name: string): string[] {
  const problems = nameProblems(name, 'name')
  if (name.startsWith('_')) problems.push('a file that begins with "_" is shared by scripts and is none itself')
  if (name.split(':').some((part) => DEVICES.test(part)))
    problems.push('Windows has a device of this name and no files; expected another one')
  if (RESERVED_NAMES.includes(name)) problems.push('a command has this name, or will have it; expected another one')
  const task = registry.find(name)
  if (task?.name === name) problems.push('a task has this name already; expected another one')
  else if (task) problems.push(`it is an alias of the task ${JSON.stringify(task.name)}; expected another name`)
  return problems
}

function exists(file: string): string {
  return `the file ${JSON.stringify(file)} exists already, and nothing is overwritten; expected another name`
}

/** All of it or nothing; `tasks.ts` comes last and is replaced as a whole. */
function write({ directory, file }: Registry, script: NewScript, registered: string | undefined, cannot: string): void {
  const made: string[] = []
  const make = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '', { flag: 'wx' })
    made.push(path) // from here on it is ours to remove
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
      `${cannot}: ${JSON.stringify(path ?? directory)} cannot be written (${systemCode(error)}), so nothing was; expected a folder that you may write to.`,
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
      : `${dryRun ? 'Would write' : 'Wrote'} ${names}. Add this to the tasks in tasks.ts, where no place for it was found:\n\n${entryOf(script, '  ', '\n')}`,
    ...(test ? [] : ['A copy has no test yet: copy that of its original too, if there is one.']),
    '',
    ...commandLines.map((line) => `  ${line}`),
    '',
  ].join('\n')
}
