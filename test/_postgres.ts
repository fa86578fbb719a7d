/** A real PostgreSQL on loopback, in a temporary folder, with a password; from the packages of the system. */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { REPOSITORY } from './_cli.ts'

export interface Postgres {
  /** Of a user who may create schemas, with the password in it. */
  readonly url: string
  readonly password: string
  readonly port: number
  /** Where its Unix socket is. */
  readonly folder: string
  /** Another, empty database; gives its URL. */
  createDatabase(name: string): Promise<string>
  /** Stops it at once, its connections with it; what was committed stays. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Stops it and removes everything. */
  remove(): Promise<void>
}

/** Undefined where there is no PostgreSQL, or none that may run here: then the test is not run. */
export async function startPostgres(): Promise<Postgres | undefined> {
  // Under Wine, the programs of Linux are seen, and cannot be run.
  const bin = process.platform === 'win32' ? undefined : findPrograms()
  const asUser = bin && (await findUser())
  if (!bin || !asUser) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'wfg-pg-'))
  chmodSync(folder, 0o755)
  if (asUser.ids) chownSync(folder, ...asUser.ids)
  const run = (program: string, args: readonly string[]) => runAs(asUser, join(bin, program), args, folder)
  const data = join(folder, 'data')
  const port = await freePort()
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off -c max_connections=60`
  const start = () => run('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-w', '-t', '60', '-o', options, 'start'])
  const stop = () => run('pg_ctl', ['-D', data, '-w', '-m', 'fast', 'stop'])
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const password = await makeCluster(data, bin, asUser)
    .then((made) => start().then(() => made))
    .catch((error) => {
      remove()
      throw error
    })
  const url = (name: string) => `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`
  return {
    ...{ url: url('postgres'), password, port, folder, stop, start },
    async createDatabase(name) {
      await run('createdb', ['-h', folder, '-p', String(port), '-U', USER, name])
      return url(name)
    },
    async remove() {
      await stop().catch(() => {})
      remove()
    },
  }
}

// --- internal ---

const execute = promisify(execFile)
const LIMIT_MS = 90_000
const KEPT = join(REPOSITORY, 'node_modules', '.cache', 'wfg-test')
const USER = 'wfg'
const PROGRAMS = ['initdb', 'postgres', 'pg_ctl', 'createdb']
/** A copy has half of the files, and a smaller log. */
const SMALL = ['--wal-segsize=1']
/** Where pages have room: a fifth of the files, which the database can do without. */
const MAP = /_(fsm|vm)$/
const DROP_TEMPLATE = `UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'
DROP DATABASE template0
`
const DEBIAN = '/usr/lib/postgresql'

/** Makes a cluster and returns the password of its user. A copy takes a twentieth of the time of `initdb`. */
async function makeCluster(data: string, bin: string, asUser: AsUser): Promise<string> {
  const { stdout: version } = await execute(join(bin, 'initdb'), ['--version'])
  const user = asUser.ids?.[0] ?? process.getuid?.()
  const kept = join(KEPT, `postgres-${/[\d.]+/.exec(version)}-${user}-smaller`)
  if (!existsSync(kept)) {
    const folder = dirname(data)
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, `pg/${Math.random().toString(36).slice(2)}@word\n`)
    if (asUser.ids) chownSync(passwordFile, ...asUser.ids)
    const auth = ['--auth-host=scram-sha-256', '--auth-local=trust', `--pwfile=${passwordFile}`]
    await runAs(
      asUser,
      join(bin, 'initdb'),
      ['-D', data, '-U', USER, '-E', 'UTF8', '--no-sync', ...SMALL, ...auth],
      folder,
    )
    await runAs(asUser, join(bin, 'postgres'), ['--single', '-D', data, 'template1'], folder, DROP_TEMPLATE)
    for (const path of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      if (MAP.test(path)) rmSync(join(data, path))
    }
    mkdirSync(KEPT, { recursive: true })
    const made = mkdtempSync(`${kept}-`)
    await execute('cp', ['-a', data, passwordFile, made])
    try {
      renameSync(made, kept)
    } catch (error) {
      if (!existsSync(kept)) throw error
      rmSync(made, { recursive: true })
    }
    rmSync(data, { recursive: true })
  }
  await execute('cp', ['-a', join(kept, 'data'), data])
  return readFileSync(join(kept, 'password'), 'utf8').trim()
}

async function runAs(
  { command }: AsUser,
  program: string,
  args: readonly string[],
  cwd: string,
  input = '',
): Promise<void> {
  const [first, ...rest] = [...command, program, ...args]
  const running = execute(first!, rest, { cwd, timeout: LIMIT_MS })
  running.child.stdin?.end(input)
  await running
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((each) => join(DEBIAN, each, 'bin')),
  ]
  return folders.find((each) => PROGRAMS.every((program) => existsSync(join(each, program))))
}

interface AsUser {
  /** What runs a command as that user. */
  readonly command: readonly string[]
  /** Undefined where it is who we are. */
  readonly ids?: readonly [user: number, group: number]
}

/** PostgreSQL does not run as root. */
async function findUser(): Promise<AsUser | undefined> {
  if (process.getuid?.() !== 0) return { command: [] }
  try {
    const [user, group] = await Promise.all(
      ['-u', '-g'].map(async (each) => (await execute('id', [each, 'postgres'])).stdout),
    )
    const ids = [Number(user), Number(group)] as const
    await execute('setpriv', ['--version'])
    return { ids, command: ['setpriv', `--reuid=${ids[0]}`, `--regid=${ids[1]}`, '--clear-groups', '--'] }
  } catch {
    return undefined
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
