/** Starts a team's own repository, in which this package is a dependency, and brings it to a newer version: `init --here`. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { systemCode } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'
import type { Choice } from '../host/prompts.ts'
import { createFile, replaceFile } from '../host/replace_file.ts'
import { readSummary } from '../script/summary.ts'
import { type Fate, fateOf } from './place_file.ts'
import { choosableScripts, PACKAGE, teamFiles } from './team_files.ts'
import { teamPackageJson } from './team_package_json.ts'

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
  // Reports a folder that cannot be used before it asks.
  teamPackageJson(readText(directory, 'package.json'), directory, new Map())
  const leftOut = former?.leftOut ?? (choose ? await leftOutBy(choose) : [])
  const files = teamFiles(leftOut)
  const completed = Object.entries({ 'package.json': teamPackageJson, '.gitignore': ignored }).map(
    ([path, complete]): Step => {
      const before = readText(directory, path)
      const text = complete(before, directory, files)
      const word = before === undefined ? 'written' : before === text ? 'kept' : 'completed'
      return { path, word, text, replaces: before !== undefined }
    },
  )
  const placed = [...files].map(([path, text]): Step => {
    const word = fateOf(readText(directory, path)?.replaceAll('\r\n', '\n'), former?.files[path], text)
    return { path, word, text, replaces: word === 'updated' }
  })
  const steps = [...completed, ...placed]
  const originals: Originals = { note: NOTE, version: VERSION, leftOut, files: Object.fromEntries(files) }
  if (!dryRun) {
    for (const step of steps) if (!LEFT.has(step.word)) write(directory, step)
    const text = `${JSON.stringify(originals, null, 2)}\n`
    write(directory, { path: ORIGINALS, text, replaces: former !== undefined })
  }
  await host.stdout.write(`${report(steps)}${await differences(steps, former)}\n${dryRun ? DRY_RUN : former ? AGAIN : NEXT}\n`)
}

// --- internal ---

interface Step {
  readonly path: string
  readonly word: Fate | 'completed'
  readonly text: string
  /** False if there must be no such file yet. */
  readonly replaces: boolean
}

/** What does not write. */
const LEFT: ReadonlySet<Step['word']> = new Set(['kept', 'changed', 'removed'])

/** The files as they were written, so that a newer version can tell what the team has changed since. */
interface Originals {
  readonly note: string
  readonly version: string
  readonly leftOut: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

const ORIGINALS = 'scripts/.originals.json'
const NOTE =
  'The files as wfg-scripts wrote them. `wfg init --here` needs this after an update: commit it, and do not edit it.'
const VERSION = (JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }).version

const NEXT =
  'Next: run `npm install`, then `npx wfg hello`. It uses the sandbox until you enter your settings with `npx wfg init`.'
const AGAIN = 'Next, if something is new: run `npm install`, then `npm run check` and `npm test`.'
const DRY_RUN = 'dry run: nothing was written.'

/** @throws {UsageError} if the record is not readable, because without it every file would look like one of the team's */
function readOriginals(directory: string): Originals | undefined {
  const text = readText(directory, ORIGINALS)
  if (text === undefined) return undefined
  try {
    const { leftOut, files, ...rest } = JSON.parse(text) as Originals
    if (Array.isArray(leftOut) && typeof files === 'object') return { leftOut, files, ...rest }
  } catch {
    // reported below
  }
  throw new UsageError(
    `Cannot compare with the original files: ${JSON.stringify(join(directory, ORIGINALS))} is not as it was written; restore it from git.`,
  )
}

async function leftOutBy(choose: NonNullable<TeamFolderOptions['choose']>): Promise<string[]> {
  const paths = choosableScripts()
  const choices = paths.map((path) => ({
    value: path,
    label: basename(path, '.ts'),
    hint: readSummary(resolve(PACKAGE, path)).summary,
  }))
  const chosen = await choose(choices)
  return paths.filter((path) => !chosen.includes(path))
}

function readText(directory: string, path: string): string | undefined {
  const file = join(directory, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Files that hold secrets or belong to one computer. */
const IGNORED = ['node_modules/', '.wfg/', '*.partial', '*.journal.ndjson', '.env', '.env.*', '!.env.example']

function ignored(before = ''): string {
  const present = before.split(/\r?\n/).map((line) => line.trim())
  const isMissing = (line: string) => !present.includes(line) && !present.includes(line.replace(/\/$/, ''))
  const missing = IGNORED.filter(isMissing)
  // An exception works only after the rule.
  if (missing.includes('.env.*') && !missing.includes('!.env.example')) missing.push('!.env.example')
  if (missing.length === 0) return before
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`
}

function write(directory: string, { path, word, text, replaces }: Omit<Step, 'word'> & Partial<Step>): void {
  const file = join(directory, word === 'beside' ? `${path}.new` : path)
  // An earlier copy beside a file may be in use.
  if (word === 'beside' && existsSync(file)) return
  try {
    mkdirSync(dirname(file), { recursive: true })
    if (replaces) replaceFile(file, text)
    else createFile(file, text)
  } catch (error) {
    throw new UsageError(
      `Cannot write ${JSON.stringify(file)}: the system says ${systemCode(error)}; it must be a file that you may write.`,
    )
  }
}

const NOTES: Partial<Record<Step['word'], (path: string) => string>> = {
  beside: (path) => `: it is yours; compare it with ${path}.new`,
  changed: () => ' by you, and left; see below',
  removed: () => ' by you, and left out',
}

function report(steps: readonly Step[]): string {
  const kept = steps.filter(({ word }) => word === 'kept').length
  const lines = steps
    .filter(({ word }) => word !== 'kept')
    .map(({ path, word }) => `  ${word.padEnd(9)}  ${path}${NOTES[word]?.(path) ?? ''}\n`)
  return `${lines.join('')}${kept === 0 ? '' : `  kept       ${kept === 1 ? '1 file' : `${kept} files`} as before\n`}`
}

/** What this version changes in files that the team has changed. */
async function differences(steps: readonly Step[], former: Originals | undefined): Promise<string> {
  const changed = steps.filter(({ word }) => word === 'changed')
  if (former === undefined || changed.length === 0) return ''
  // @ts-expect-error: it has no types
  const { createTwoFilesPatch: patch } = await import('diff')
  const name = (path: string, version: string) => `${path} (wfg-scripts ${version})`
  const texts = changed.map(({ path, text }) =>
    (patch(name(path, former.version), name(path, VERSION), former.files[path], text) as string).replace(/^=+\n/, ''),
  )
  return `\nWhat the new version changes in the files that you have changed. Take over what you need:\n\n${texts.join('\n')}`
}
