/** The rules about which file may import and touch what. Each check gives its violations, as sentences. */
import { posix } from 'node:path'
import { type Import, lineAt, readSource } from './_source.ts'

/** The rooms of `runtime/`, from the bottom up. A file imports from its own room and from lower floors; types count too. */
const FLOORS: readonly (readonly string[])[] = [
  ['core', 'prepared'],
  ['host'],
  ['transport', 'settings', 'sandbox'],
  ['providers'],
  ['auth'],
  ['graphql'],
  ['script'],
  ['tasks'],
  ['completion', 'doctor', 'export', 'isolated', 'queue', 'runs', 'server_schema', 'setup', 'token'],
  ['cli'],
]
/** Above all floors. */
const ENTRIES = ['runtime/mod.ts', 'runtime/tasks/mod.ts', 'runtime/testing/mod.ts']
const COMPOSITION = 'runtime/compose.ts'
/** Only the composition file loads these, with `import()`. */
const LAZY = ['cli', 'sandbox']
/** The host, and what runs before there is one. */
const AMBIENT_FILES = /^runtime\/(host\/(host|user_shell)\.ts|cli\/wfg\.mjs|prepared\/\w+\.mjs)$/
const PUBLIC = ['#wfg', '#wfg/tasks', '#wfg/testing']
const MAX_FILES = 17

/** @param path relative to the repository, with slashes */
export function checkRuntime(path: string, text: string): string[] {
  const { code, imports } = readSource(text)
  return [
    ...imports.flatMap((found) => checkRuntimeImport(path, found)),
    ...checkImportForm(path, imports),
    ...(AMBIENT_FILES.test(path) ? [] : checkAmbient(path, code, imports)),
    ...checkErasable(path, code),
    ...checkName(path),
  ]
}

/** @param sources text of each file of `runtime/`, by its path */
export function checkTree(sources: ReadonlyMap<string, string>): string[] {
  const counts = new Map<string, number>()
  for (const path of sources.keys()) {
    const folder = posix.dirname(path)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  const full = [...counts].filter(([, count]) => count > MAX_FILES)
  return [
    ...full.map(([folder, count]) => `${folder} has ${count} files; a folder holds at most ${MAX_FILES}`),
    ...circlesOf(sources).map((circle) => `these import each other in a circle: ${circle.join(', ')}`),
  ]
}

/** For `tasks.ts` and the files in `scripts/`. */
export function checkScript(path: string, text: string): string[] {
  const { code, imports } = readSource(text)
  const foreign = imports.filter(({ specifier }) => {
    if (specifier.startsWith('#')) return !PUBLIC.includes(specifier)
    return specifier.startsWith('.') && !/^scripts\/(.*\/)?_/.test(target(path, specifier))
  })
  return [
    ...foreign.map(
      ({ specifier, line }) => `${path}:${line} imports "${specifier}": only ${PUBLIC.join(', ')} and _shared files`,
    ),
    ...checkImportForm(path, imports),
    ...checkErasable(path, code),
    ...checkName(path),
  ]
}

/** What is written after a suite's `run()` is silently lost. */
export function checkTest(path: string, text: string): string[] {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  return [
    ...(/^\w+\.run\(\)$/.test(last) ? [] : [`${path} ends in "${last}" and not in \`….run()\``]),
    ...checkName(path),
  ]
}

// --- internal ---

function checkRuntimeImport(path: string, { specifier, dynamic, line }: Import): string[] {
  const at = `${path}:${line} imports "${specifier}"`
  if (specifier.startsWith('#')) return [`${at}: the runtime does not import its own public names`]
  if (!specifier.startsWith('.')) return []
  const to = target(path, specifier)
  if (!to.startsWith('runtime/')) return [`${at}: the runtime imports nothing outside of it`]
  const [own, other] = [roomOf(path), roomOf(to)]
  // What runs before the runtime is there takes what it needs.
  if (own === other || own === 'prepared') return []
  if (LAZY.includes(other)) {
    return dynamic && path === COMPOSITION ? [] : [`${at}: only ${COMPOSITION} loads it, by import()`]
  }
  const [floor, below] = [floorOf(path), floorOf(to)]
  if (floor === undefined) return [`${path} is in no room`]
  if (below === undefined) return [`${at}: it is in no room`]
  if (floor === below && floor < FLOORS.length) return [`${at}: ${own} and ${other} are on one floor`]
  return below <= floor ? [] : [`${at}: ${own} is below ${other}`]
}

/** Folder of `runtime/` that the file is in, at any depth; for the files above all rooms, the file itself. */
function roomOf(path: string): string {
  if (ENTRIES.includes(path)) return path
  const parts = path.split('/')
  return parts.length > 2 ? parts[1]! : path
}

/** The higher, the more it may import. */
function floorOf(path: string): number | undefined {
  const room = roomOf(path)
  if (path === COMPOSITION) return FLOORS.length
  // A fake for scripts stands on everything that scripts stand on.
  if (room === 'testing' || ENTRIES.includes(path)) return FLOORS.length + 1
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room))
  return floor < 0 ? undefined : floor
}

/** Each group of files that reach each other by their imports, types included. */
function circlesOf(sources: ReadonlyMap<string, string>): string[][] {
  const targets = new Map(
    [...sources].map(([path, text]) => [
      path,
      readSource(text)
        .imports.map(({ specifier }) => (specifier.startsWith('.') ? target(path, specifier) : ''))
        .filter((to) => sources.has(to)),
    ]),
  )
  const reachedFrom = new Map([...sources.keys()].map((path) => [path, reach(path, targets)]))
  const circles = [...sources.keys()].map((path) =>
    [...reachedFrom.get(path)!].filter((other) => reachedFrom.get(other)!.has(path)).sort(),
  )
  const unique = new Map(circles.filter((circle) => circle.length > 0).map((circle) => [circle.join(), circle]))
  return [...unique.values()]
}

function reach(start: string, targets: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>(targets.get(start))
  // A set that grows while it is walked through is walked through to its new end.
  for (const path of found) for (const next of targets.get(path) ?? []) found.add(next)
  return found
}

function target(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier)
}

function checkImportForm(path: string, imports: readonly Import[]): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|mjs|json)$/.test(specifier))
    .map(({ specifier, line }) => `${path}:${line} imports "${specifier}" without its extension`)
}

/** `process` is also what WorkflowGen calls a workflow, so only what Node's has counts. */
const PROCESS = new RegExp(
  String.raw`(?<![\w.$]|typeof )process\s*\??\.\s*(?:${[
    'env|argv|argv0|exit|exitCode|stdin|stdout|stderr|cwd|chdir|on|off|once|emit|emitWarning|platform|arch|pid|ppid|kill',
    'versions|hrtime|nextTick|memoryUsage|cpuUsage|resourceUsage|uptime|umask|getuid|getgid|getBuiltinModule|execPath|execArgv',
  ].join('|')})\b`,
  'g',
)
const AMBIENT: readonly RegExp[] = [
  PROCESS,
  /(?<![\w.$]|typeof )(?:console|performance)\s*[.[]/g,
  /(?<![\w.$])Date\.now\b/g,
  /\bnew Date(?:\s*\(\s*\)|(?!\w|\s*\())/g,
  /(?<![\w.$]|new )Date\s*\(/g,
  /(?<![\w.$])(?:set|clear)(?:Timeout|Interval|Immediate)\b(?!\s*[:?])/g,
  /(?<![\w.$])queueMicrotask\b/g,
  /\bMath\.random\b/g,
  /(?<![\w.$]|typeof )globalThis\b/g,
  /(?<![\w.$]|typeof |function )fetch\s*\((?![^()]*\)\s*[:{])/g,
]
const AMBIENT_MODULES = /^node:(process|console|timers|perf_hooks)(\/|$)/

function checkAmbient(path: string, code: string, imports: readonly Import[]): string[] {
  const touched = AMBIENT.flatMap((pattern) => [...code.matchAll(pattern)]).map(
    (match) => `${path}:${lineAt(code, match.index)} touches \`${match[0].trim()}\`: that is for the host`,
  )
  const modules = imports
    .filter(({ specifier }) => AMBIENT_MODULES.test(specifier))
    .map(({ specifier, line }) => `${path}:${line} imports "${specifier}": that is for the host`)
  return [...touched, ...modules]
}

const NOT_ERASABLE: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+\s*\{/m, 'an enum'],
  [/^\s*(?:export\s+)?(?:namespace|module)\s+[\w.]+\s*\{/m, 'a namespace'],
  [/\bconstructor\s*\((?:[^)]*,)?\s*(?:(?:public|private|protected|readonly)\s+)+\w+\s*[?:]/, 'a parameter property'],
  [/^\s*import\s+\w+\s*=/m, 'an import alias'],
  [/^\s*@\w+/m, 'a decorator'],
]

function checkErasable(path: string, code: string): string[] {
  return NOT_ERASABLE.filter(([pattern]) => pattern.test(code)).map(
    ([, what]) => `${path} has ${what}: only erasable syntax`,
  )
}

function checkName(path: string): string[] {
  const name = posix.basename(path)
  return /^(index|utils?|helpers?)\.\w+$/.test(name) ? [`${path}: a file is named after its subject`] : []
}
