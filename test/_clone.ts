/** A clone of the repository as a person has it, with a runtime and packages of its own. */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type CliOptions,
  type CliResult,
  folderWithPackages,
  REPOSITORY,
  removeFolder,
  runCli,
  temporaryFolder,
} from './_cli.ts'
import { LINKS } from './_links.ts'

export interface Clone {
  /** Absolute path of the folder. */
  readonly dir: string
  /** As `runCli`, for the clone's own `tasks.ts`; `entry` is relative to its folder. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  write(path: string, content: string): void
  cleanup(): void
}

/** @param files path → content, in place of or besides what the repository has */
export function clone(files: Readonly<Record<string, string>> = {}): Clone {
  const dir = LINKS.folder ? temporaryFolder() : folderWithPackages()
  for (const name of ['package.json', 'deno.json', 'deno.lock', 'tsconfig.json', 'tasks.ts', 'scripts', 'runtime']) {
    cpSync(join(REPOSITORY, name), join(dir, name), { recursive: true })
  }
  mkdirSync(join(dir, 'node_modules'))
  const packages = LINKS.folder ? readdirSync(join(REPOSITORY, 'node_modules')) : []
  for (const name of packages) {
    if (name === '.cache') continue
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(dir, 'node_modules', name), 'junction')
  }
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  for (const [path, content] of Object.entries(files)) write(path, content)
  return {
    dir,
    write,
    run: (args, options = {}) => runCli(args, { ...options, entry: join(dir, options.entry ?? 'tasks.ts') }),
    cleanup: () => removeFolder(dir),
  }
}
