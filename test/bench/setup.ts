/** All that the measurements need, in a temporary folder of the run. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { installPackages, PACKAGES_FOLDER, type Packages } from './packages.ts'
import { plainEnvironment } from './processes.ts'
import { type Program, programPath } from './programs.ts'
import { writeClone, writeDependent, writeManyTasks, writeWays } from './projects.ts'
import { type Servers, startServers } from './servers.ts'

export interface Setup {
  readonly servers: Servers
  readonly packages: Packages
  /**
   * Path of a program.
   *
   * @throws {Error} when it is not to be had
   */
  program(name: Program): string
  /** Of the projects, and of the programs that people would write today. */
  readonly folders: Readonly<Record<'clone' | 'dependent' | 'many' | 'ways', string>>
  /** Of everything that is timed; the tool's cache is the warm one. */
  readonly env: Readonly<Record<string, string>>
  /** Made anew. */
  emptyFolder(): string
  close(): Promise<void>
}

/**
 * @param tell told what is going on
 * @throws {Error} when there is nothing to measure with
 */
export async function prepare(tell: (text: string) => void): Promise<Setup> {
  if (process.versions['deno']) throw new Error('it starts on Node, and measures Deno from there; use npm run bench')
  const packages = await installPackages(tell)
  tell('building the package and starting the servers')
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'wfg-bench-run-')))
  const at = (name: string) => join(root, name)
  const remove = () => rmSync(root, { recursive: true, force: true })
  process.once('exit', remove) // an interrupted run as well
  mkdirSync(at('home'))
  const env = plainEnvironment(at('home'))
  const program = (name: Program) => programPath(name, packages)
  // What npx starts looks for Node by itself.
  const node = 'node20' in packages.versions ? program('node20') : process.execPath
  const path = [dirname(node), env['PATH']].join(delimiter)
  const servers = await startServers(env)
  const close = async () => {
    await servers.close()
    remove()
  }
  try {
    const folders = { clone: at('clone'), dependent: at('dependent'), many: at('many'), ways: at('ways') }
    writeClone(folders.clone, servers.url)
    writeManyTasks(folders.many, servers.url, 300)
    await writeDependent(folders.dependent, servers.url, env)
    writeWays(folders.ways, PACKAGES_FOLDER)
    return {
      servers,
      packages,
      program,
      folders,
      env: { ...env, PATH: path, BENCH_URL: servers.url, WFG_CACHE_DIR: at('cache') },
      emptyFolder: () => mkdtempSync(at('empty-')),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
