/** The rules about which file may import and touch what. Each check takes the text of one file and gives its violations. */
import { posix } from 'node:path'
import { type Import, lineAt, readSource } from './_source.ts'

/** From the bottom up: a file imports from its own layer and from those before it. */
const LAYERS = ['base', 'auth', 'graphql', 'tasks', 'cli', 'composition', 'entry'] as const
type Layer = (typeof LAYERS)[number]

const COMPOSITION = 'runtime/compose.ts'
const ENTRIES = ['runtime/mod.ts', 'runtime/tasks/mod.ts', 'runtime/testing/mod.ts']
const FOLDERS: Readonly<Record<string, Layer>> = {
  prepared: 'base',
  transport: 'base',
  auth: 'auth',
  graphql: 'graphql',
  tasks: 'tasks',
  cli: 'cli',
  sandbox: 'base',
  testing: 'composition',
}
/** Loaded by the composition file alone, and only when needed. */
const LAZY = /^runtime\/(cli|sandbox)\//
/** The host, and what runs before there is one. */
const AMBIENT_FILES = /^runtime\/(host\.ts|cli\/wfg\.mjs|prepared\/\w+\.mjs)$/
const PUBLIC = ['#wfg', '#wfg/tasks', '#wfg/testing']

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

/** For `tasks.ts` and the files in `scripts/`. */
export function checkScript(path: string, text: string): string[] {
  const { code, imports } = readSource(text)
  const foreign = imports.filter(({ specifier }) => {
    if (specifier.startsWith('#')) return !PUBLIC.includes(specifier)
    return specifier.startsWith('.') && !/^scripts\/(.*\/)?_[^/]*$/.test(target(path, specifier))
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
  if (LAZY.test(to) && folderOf(to) !== folderOf(path)) {
    return dynamic && path === COMPOSITION ? [] : [`${at}: only ${COMPOSITION} loads it, by import()`]
  }
  const [from, below] = [layerOf(path), layerOf(to)]
  if (from === undefined) return [`${path} belongs to no layer`]
  if (below === undefined) return [`${at}: it belongs to no layer`]
  return LAYERS.indexOf(below) <= LAYERS.indexOf(from) ? [] : [`${at}: ${from} is below ${below}`]
}

function layerOf(path: string): Layer | undefined {
  if (ENTRIES.includes(path)) return 'entry'
  if (path === COMPOSITION) return 'composition'
  const folder = folderOf(path)
  return folder === undefined ? 'base' : FOLDERS[folder]
}

/** Folder of `runtime/` that the file is in, at any depth. */
function folderOf(path: string): string | undefined {
  const parts = path.split('/')
  return parts.length > 2 ? parts[1] : undefined
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
