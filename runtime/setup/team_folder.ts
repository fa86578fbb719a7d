/** Starts a team's own repository, in which this package is a dependency: `init --here`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { systemCode } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'
import { teamPackageJson } from './team_package_json.ts'

/**
 * Writes missing files into the working directory and reports them. Existing files stay as they are, except that missing
 * entries are added to `package.json` and `.gitignore`.
 *
 * @throws {UsageError} `WFG_USAGE` if the folder cannot be a team's repository (then nothing is written), or if a file
 * cannot be written
 */
export async function writeTeamFolder(host: Pick<Host, 'cwd' | 'stdout'>): Promise<void> {
  const directory = host.cwd()
  const files = { 'package.json': teamPackageJson, '.gitignore': ignored, ...FILES }
  const planned = Object.entries(files).map(([path, content]) => {
    const file = join(directory, path)
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    return { path, file, before, after: content(before, directory) }
  })
  const lines = planned.map(({ path, file, before, after }) => {
    if (before === after) return `  kept       ${path}`
    write(file, after, before === undefined)
    return `  ${before === undefined ? 'written  ' : 'completed'}  ${path}`
  })
  await host.stdout.write(`${lines.join('\n')}\n\n${NEXT}\n`)
}

// --- internal ---

const NEXT =
  'Next: run `npm install`, then `npx wfg hello`. It uses the sandbox until you enter your settings with `npx wfg init`.'

/** Returns the new text of a file. `before` is undefined if there is no file. */
type Content = (before: string | undefined, directory: string) => string

const fixed =
  (text: string): Content =>
  (before) =>
    before ?? text

const FILES: Readonly<Record<string, Content>> = {
  'tasks.ts': fixed(`import { defineTasks, main } from 'wfg-scripts/tasks'

export const tasks = defineTasks(import.meta.url, {
  hello: { script: './scripts/hello.ts', access: 'read' },
})

await main(import.meta, tasks)
`),
  'scripts/hello.ts': fixed(`// Say who this script acts as.
import { wfg } from 'wfg-scripts'

const { viewer } = await wfg\`query { viewer { userName } }\`
console.log(viewer.userName)
`),
  'tsconfig.json': fixed(`{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "noEmit": true,
    "skipLibCheck": true,
    "strict": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true
  },
  "include": ["tasks.ts", "scripts", "scripts/.schema/*", "test"]
}
`),
  // Otherwise Bun lets the .env of the working directory override every profile.
  'bunfig.toml': fixed('env = false\n'),
  '.env.example': (before) => before ?? readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'),
  'README.md': (before, directory) =>
    before ??
    `# ${basename(directory)}

Scripts for WorkflowGen. \`npm install\`, copy \`.env.example\` to \`.env\` and fill it in; \`npx wfg\` lists the tasks.
`,
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

function write(file: string, text: string, isNew: boolean): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { flag: isNew ? 'wx' : 'w' })
  } catch (error) {
    throw new UsageError(
      `Cannot write ${JSON.stringify(file)}: the system says ${systemCode(error)}; it must be a file that you may write.`,
    )
  }
}
