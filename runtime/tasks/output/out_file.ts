/** `--out FILE`: the result is written to a temporary file, which is renamed to FILE when the run has succeeded. */
import { constants, existsSync } from 'node:fs'
import { access, chmod, type FileHandle, open, readlink, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError, WfgError } from '../../core/errors.ts'
import { systemCode, systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import { renameOver } from '../../host/replace_file.ts'
import type { Sink } from './sink.ts'

export interface OutFile {
  readonly sink: Sink
  /** Replaces FILE. @throws {WfgError} if that is not possible; the result is in FILE.partial then */
  commit(): Promise<void>
  /** Keeps the output of a failed run as FILE.partial, and returns that path. Undefined if nothing was written. */
  abandon(): Promise<string | undefined>
}

/**
 * @param path relative to the working directory, or absolute
 * @throws {UsageError} if no file can be written there
 */
export async function openOutFile(path: string): Promise<OutFile> {
  const { target, mode, replaceable } = await inspect(path)
  const { handle, temporary } = replaceable
    ? await openTemporary(path, target, mode)
    : { handle: await attempt(path, open(target, 'w')), temporary: target }
  const partial = replaceable ? `${target}.partial` : target
  const finish = async (to: string) => {
    await handle.close()
    if (replaceable) renameOver(temporary, to)
  }
  return {
    sink: fileSink(path, handle),
    async commit() {
      try {
        if (replaceable) await handle.sync()
        await finish(target)
      } catch (cause) {
        await handle.close().catch(() => {})
        if (replaceable && existsSync(temporary)) renameOver(temporary, partial)
        const where = `the result is in ${quotedPath(partial)}; close the program that has the file open, then rename it`
        throw new WfgError(`Cannot replace ${quotedPath(path)} (${systemReason(cause)}): ${where}`, { cause })
      }
    },
    async abandon() {
      const isEmpty = replaceable && (await handle.stat()).size === 0
      if (isEmpty) {
        await handle.close()
        await rm(temporary)
        return undefined
      }
      await finish(partial)
      return partial
    },
  }
}

// --- internal ---

interface Place {
  /** The path with links resolved, so that a link stays a link. */
  readonly target: string
  readonly mode: number | undefined
  /** False for a device or a pipe: a file must not replace it. */
  readonly replaceable: boolean
}

async function inspect(path: string): Promise<Place> {
  const found = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw unwritable(path, error)
  })
  if (!found) return { target: await endOfLinks(resolve(path)), mode: undefined, replaceable: true }
  if (path.endsWith('.journal.ndjson'))
    throw new UsageError(`Cannot write ${quotedPath(path)}: it is a journal, which later runs need; name another file`)
  if (found.isDirectory()) throw new UsageError(`Cannot write ${quotedPath(path)}: it is a folder; name a file in it`)
  await attempt(path, access(path, constants.W_OK))
  return {
    target: found.isFile() ? await realpath(path) : resolve(path),
    mode: found.mode & 0o777,
    replaceable: found.isFile(),
  }
}

/** A link may name a file that does not exist yet. */
async function endOfLinks(path: string): Promise<string> {
  const named = await readlink(path).catch(() => undefined)
  return named === undefined ? path : endOfLinks(resolve(await realpath(dirname(path)), named))
}

/** `wx` fails if a file of that name exists, so the name is unique. */
async function openTemporary(path: string, target: string, mode: number | undefined) {
  for (let number = 1; ; number++) {
    const temporary = join(dirname(target), `.${basename(target)}.${number}.tmp`)
    try {
      const handle = await open(temporary, 'wx')
      if (mode !== undefined) await chmod(temporary, mode)
      return { handle, temporary }
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw unwritable(path, error)
    }
  }
}

function fileSink(path: string, handle: FileHandle): Sink {
  return {
    isTTY: false,
    columns: undefined,
    closed: false,
    async write(output) {
      try {
        await handle.appendFile(output)
      } catch (cause) {
        throw new WfgError(`Cannot write to ${quotedPath(path)}: ${systemReason(cause)}`, { cause })
      }
    },
  }
}

async function attempt<T>(path: string, action: Promise<T>): Promise<T> {
  try {
    return await action
  } catch (error) {
    throw unwritable(path, error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist; create it, or name another one',
  ENOTDIR: 'its folder does not exist; create it, or name another one',
  EACCES: 'you may not write there; name another folder',
  EPERM: 'you may not write there; name another folder',
  NotCapable: 'Deno may not write there; name another folder',
  EROFS: 'that disk is read-only; name another one',
}

function unwritable(path: string, cause: unknown): UsageError {
  const code = systemCode(cause)
  return new UsageError(`Cannot write ${quotedPath(path)}: ${REASONS[code] ?? code}`, { cause })
}
