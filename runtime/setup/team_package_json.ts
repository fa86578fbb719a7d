/** The `package.json` of a team's own repository, in which this package is a dependency. */

import { existsSync, readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { packagesOf } from '../host/optional_packages.ts'
import { packageProgram } from '../host/user_shell.ts'
import { PACKAGE } from './team_files.ts'

/**
 * Adds `npm test`, `npm run check` and the dependencies that scripts need, in the versions of this package. Existing entries
 * stay, but what `npm init` writes in place of a test and a type is replaced. The first time, a script whose name is taken
 * gets another, such as `wfg:test`.
 *
 * @param before the existing text; undefined if there is no file
 * @param files the other files of the team's folder, by path
 * @param beside the paths of those that are written beside a file of the team
 * @throws {UsageError} `WFG_USAGE` if this cannot be the package of a team's scripts
 */
export function teamPackageJson(
  before: string | undefined,
  directory: string,
  files: ReadonlyMap<string, string>,
  { isFirst, beside }: { readonly isFirst: boolean; readonly beside: readonly string[] },
): string {
  const path = quotedPath(join(directory, 'package.json'))
  const ours = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as Manifest & { name: string }
  const theirs: Manifest = before === undefined ? { name: nameOf(directory), private: true } : parse(before, path)
  if (theirs.name === ours.name) {
    throw new UsageError(
      `Cannot start a repository here: ${path} is ${ours.name} itself; expected the folder of another repository.`,
    )
  }
  const isUntouched = theirs.main !== undefined && !existsSync(join(directory, theirs.main))
  if (theirs.type !== undefined && theirs.type !== 'module' && !isUntouched) {
    throw new UsageError(
      `Cannot start a repository here: ${path} has "type": ${JSON.stringify(theirs.type)}, but scripts are modules; type \`${packageProgram('npm')} pkg set type=module\`.`,
    )
  }
  const { tsx, valibot } = ours.dependencies ?? {}
  const code = [...files.values()].join('\n')
  const imported = Object.entries(ours.peerDependencies ?? {}).filter(([name]) =>
    [`'${name}'`, `'${name}/`].some((specifier) => code.includes(specifier)),
  )
  const { typescript, uvu, '@types/node': node } = ours.devDependencies ?? {}
  const known = { ...theirs.devDependencies, ...theirs.dependencies }
  const completed = (present: Packages | undefined, wanted: Record<string, string | undefined>) => {
    const missing = Object.entries(wanted).filter(([name]) => !Object.hasOwn(known, name))
    return missing.length === 0 ? {} : { ...present, ...Object.fromEntries(missing) }
  }
  const dependencies = completed(theirs.dependencies, {
    tsx,
    valibot,
    ...Object.fromEntries(imported),
    [ours.name]: known[ours.name] ?? source(directory, ours.version),
  })
  const devDependencies = completed(theirs.devDependencies, {
    '@types/node': node,
    typescript,
    uvu,
    ...packagesOf('sandbox'),
  })
  const check = beside.includes('tsconfig.json') ? 'tsc -p tsconfig.json.new' : 'tsc'
  const scripts = Object.entries({ test: TEST, check }).flatMap(([name, command]) => {
    if ([undefined, NO_TEST].includes(theirs.scripts?.[name])) return [[name, command]]
    return isFirst && theirs.scripts?.[name] !== command ? [[`wfg:${name}`, command]] : []
  })
  const after = {
    ...theirs,
    type: 'module',
    overrides: { ...theirs.overrides, ...ours.overrides, ...theirs.overrides },
    allowScripts: { ...theirs.allowScripts, ...ours.allowScripts, ...theirs.allowScripts },
    scripts: { ...theirs.scripts, ...Object.fromEntries(scripts) },
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    ...(Object.keys(devDependencies).length > 0 && { devDependencies }),
  }
  if (before !== undefined && JSON.stringify(after) === JSON.stringify(theirs)) return before
  return `${JSON.stringify(after, null, /^[\t ]+/m.exec(before ?? '')?.[0] ?? 2)}\n`
}

// --- internal ---

const TEST = 'node --import tsx test/_run.ts'
/** What `npm init` writes. */
const NO_TEST = 'echo "Error: no test specified" && exit 1'

type Packages = Record<string, string>

interface Manifest {
  name?: string
  version?: string
  private?: boolean
  type?: string
  main?: string
  scripts?: Record<string, string>
  overrides?: object
  allowScripts?: object
  dependencies?: Packages
  devDependencies?: Packages
  peerDependencies?: Packages
}

function parse(text: string, path: string): Manifest {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // reported below
  }
  throw new UsageError(`Cannot start a repository here: ${path} is not a JSON object; fix it first.`)
}

/** Returns a valid npm name: lower-case letters, digits, dots and dashes. */
function nameOf(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
  return name === '' || name === 'node_modules' ? 'scripts' : name
}

/**
 * Returns the version if the package is installed here, otherwise the path of its folder.
 *
 * @throws {UsageError} `WFG_USAGE` if it is installed in another place, such as for all folders
 */
function source(directory: string, version = ''): string {
  if (!PACKAGE.split(sep).includes('node_modules')) return `file:${relative(directory, PACKAGE).split(sep).join('/')}`
  if (existsSync(join(directory, 'node_modules', basename(PACKAGE)))) return `^${version}`
  throw new UsageError(
    `Cannot start a repository here: ${basename(PACKAGE)} is installed elsewhere, and a repository needs it in its own folder; type \`${packageProgram('npm')} install PATH\` ` +
      'with the path of its archive or the address of its repository, and this again.',
  )
}
