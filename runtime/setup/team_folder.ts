/** Starts a team's own repository, in which this package is a dependency, and brings it to a newer version: `init --here`. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { systemReason } from '../core/system_code.ts'
import { quotedPath } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import type { Choice } from '../host/prompts.ts'
import { createFile, replaceFile } from '../host/replace_file.ts'
import { packageProgram } from '../host/user_shell.ts'
import { readSummary } from '../script/summary.ts'
import { ORIGINALS, originalsText, readOriginals } from './originals.ts'
import { fateOf } from './place_file.ts'
import { choosableScripts, PACKAGE, teamFiles } from './team_files.ts'
import { teamGitignore } from './team_gitignore.ts'
import { teamPackageJson } from './team_package_json.ts'
import { renderDifferences, renderSteps, type Step } from './team_report.ts'

export interface TeamFolderOptions {
  /** Asked the first time, if given: which of the ready scripts to take. Default: all. */
  choose?(scripts: readonly Choice<string>[]): Promise<readonly string[]>
  /** Writes nothing. */
  readonly dryRun?: boolean
}

/**
 * Writes the files of this version into the working directory, and reports what became of each. Nothing that the team has
 * changed is overwritten. `package.json` and `.gitignore` are completed.
 *
 * @throws {UsageError} `WFG_USAGE` if the folder cannot be a team's repository (then nothing is written), or if a file
 * cannot be written
 */
export async function writeTeamFolder(
  host: Pick<Host, 'cwd' | 'stdout'>,
  { choose, dryRun = false }: TeamFolderOptions = {},
): Promise<void> {
  const directory = host.cwd()
  const former = readOriginals(directory)
  const isFirst = former === undefined
  // Reports a folder that cannot be used before it asks.
  teamPackageJson(readText(directory, 'package.json'), directory, new Map(), { isFirst, beside: [] })
  const leftOut = former?.leftOut ?? (choose ? await leftOutBy(choose) : [])
  const files = teamFiles(leftOut)
  const placed = [...files].map(([path, text]): Step => {
    return { path, word: fateOf(readText(directory, path)?.replaceAll('\r\n', '\n'), former?.files[path], text), text }
  })
  const beside = placed.filter(({ word }) => word === 'beside').map(({ path }) => path)
  const complete = (path: string, completed: (before: string | undefined) => string): Step => {
    const before = readText(directory, path)
    const text = completed(before)
    return { path, word: before === undefined ? 'written' : before === text ? 'kept' : 'completed', text }
  }
  const steps = [
    complete('package.json', (before) => teamPackageJson(before, directory, files, { isFirst, beside })),
    complete('.gitignore', teamGitignore),
    ...placed,
  ]
  if (!dryRun) {
    for (const step of steps) take(directory, step)
    const text = originalsText({ version: VERSION, leftOut, files: Object.fromEntries(files) })
    write(join(directory, ORIGINALS), text, !isFirst)
  }
  const differences = await renderDifferences(steps, former, VERSION)
  await host.stdout.write(`${renderSteps(steps)}${differences}\n${dryRun ? DRY_RUN : isFirst ? NEXT : AGAIN}\n`)
}

// --- internal ---

const VERSION = (JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }).version

const [NPM, NPX] = [packageProgram('npm'), packageProgram('npx')]
const NEXT = `Next: run \`${NPM} install\`, then \`${NPX} wfg pending-actions\`. It uses the sandbox until you enter your settings with \`${NPX} wfg init\`.`
const AGAIN = `Next, if something is new: run \`${NPM} install\`, then \`${NPM} run check\` and \`${NPM} test\`.`
const DRY_RUN = 'dry run: nothing was written.'

async function leftOutBy(choose: NonNullable<TeamFolderOptions['choose']>): Promise<string[]> {
  const paths = choosableScripts()
  const choices = paths.map((path) => ({
    value: path,
    label: basename(path, '.ts'),
    hint: readSummary(resolve(PACKAGE, path)).summary.replace(/;.*/, '.'),
  }))
  const chosen = await choose(choices)
  return paths.filter((path) => !chosen.includes(path))
}

function readText(directory: string, path: string): string | undefined {
  const file = join(directory, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function take(directory: string, { path, word, text }: Step): void {
  const file = join(directory, path)
  if (word === 'written') write(file, text, false)
  if (word === 'completed' || word === 'updated') write(file, text, true)
  // One that is there already may be in use.
  if (word === 'beside' && !existsSync(`${file}.new`)) write(`${file}.new`, text, false)
}

function write(file: string, text: string, replaces: boolean): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    if (replaces) replaceFile(file, text)
    else createFile(file, text)
  } catch (error) {
    throw new UsageError(
      `Cannot write ${quotedPath(file)}: the system says ${systemReason(error)}; it must be a file that you may write.`,
    )
  }
}
