/** The WorkflowGen user that an application acts as. It is kept beside the token once a server has told it. */
import { createHash } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Host } from '../host/host.ts'
import { makePrivateFolder, readPrivateFile } from '../host/private_file.ts'
import { PRIVATE, replaceFile } from '../host/replace_file.ts'
import type { Config } from '../settings/config.ts'
import { tokenPathOnDisk } from './token_cache.ts'

interface ActingUser {
  /** Returns undefined until a server has told the name. */
  read(): string | undefined
  /** Keeps the name that a server told. A name with control characters is ignored. */
  note(name: string): void
}

type ActingUserHost = Pick<Host, 'env' | 'isAllowed' | 'platform' | 'userId'>

/** Several servers may take one token, and each maps the application to a user of its own. */
export function createActingUser(host: ActingUserHost, config: Config): ActingUser {
  let known: string | undefined
  const read = (): string | undefined => {
    known ??= readName(host, fileOf(host, config))
    return known
  }
  return {
    read,
    note(name) {
      if (!NAME.test(name)) return
      const isNew = read() !== name
      known = name
      const file = fileOf(host, config)
      if (!isNew || file === undefined || !host.isAllowed('write', file)) return
      try {
        makePrivateFolder(dirname(file), host.userId())
        replaceFile(file, `${name}\n`, PRIVATE)
      } catch {
        // This process knows it, and the next one is told again.
      }
    },
  }
}

/** Removes all users kept in a folder of tokens. */
export function forgetActingUsers(folder: string): void {
  for (const name of readdirSync(folder)) if (FILE.test(name)) remove(join(folder, name))
}

/** Removes the user of one application on one server. */
export function forgetActingUser(host: ActingUserHost, config: Config): void {
  const file = fileOf(host, config)
  if (file !== undefined) remove(file)
}

// --- internal ---

const NAME = /^[^\p{C}]{1,200}$/u
const FILE = /^token-[0-9a-f]{32}\.[0-9a-f]{16}\.user(\.[0-9a-f]+\.tmp)?$/

function fileOf(host: ActingUserHost, config: Config): string | undefined {
  const start = tokenPathOnDisk(host, config)
  const server = createHash('sha256').update(config.graphqlUrl.href).digest('hex').slice(0, 16)
  return start === undefined ? undefined : `${start}.${server}.user`
}

function readName(host: ActingUserHost, file: string | undefined): string | undefined {
  if (file === undefined || !host.isAllowed('read', file)) return undefined
  try {
    const name = readPrivateFile(file, host.userId())?.trimEnd() ?? ''
    return NAME.test(name) ? name : undefined
  } catch {
    return undefined
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Then the token beside it cannot be removed either, and that is reported.
  }
}
