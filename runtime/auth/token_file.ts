/** The file in which the processes of one user share an access token. */
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { quotedPath } from '../core/visible.ts'
import type { Host } from '../host/host.ts'
import { fileProblem, makePrivateFolder, readPrivateFile } from '../host/private_file.ts'
import { PRIVATE, removeLeftovers, replaceFile } from '../host/replace_file.ts'
import { CLIENT_AUTHS, isServerUrl } from '../settings/setting_rules.ts'

const FILE_VERSION = 1
/** How far ahead the writer's clock may be, as on a network disk. */
const CLOCK_TOLERANCE_MS = 5000
/** Age, in ms, from which a temporary file is left over from a killed process. */
const LEFTOVER_MS = 60_000

const SAVED = v.object({
  version: v.literal(FILE_VERSION),
  /** The access token: what a header can hold. */
  value: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
  /** When it was requested, milliseconds since 1970. */
  requestedAtMs: v.pipe(v.number(), v.minValue(0)),
  lifetimeSeconds: v.pipe(v.number(), v.minValue(0)),
  provider: v.string(),
  audience: v.optional(v.string()),
  /** Response headers that state how many tokens may be requested. */
  quota: v.record(v.string(), v.string()),
  /** The token endpoint that was discovered, and when. */
  discovery: v.optional(
    v.object({
      tokenEndpoint: v.pipe(v.string(), v.check(isServerUrl)),
      clientAuth: v.optional(v.picklist(CLIENT_AUTHS)),
      atMs: v.number(),
    }),
  ),
})

export type SavedToken = Omit<v.InferOutput<typeof SAVED>, 'version'>

interface TokenFile {
  /** Returns the token, which may have expired; undefined if there is none, or its file cannot be trusted. */
  read(): SavedToken | undefined
  /** Returns false if the file cannot be written. Then other processes request tokens of their own. */
  write(token: SavedToken): boolean
  remove(): void
}

/** @param debug called with the reason if a file is not used */
export function createTokenFile(
  host: Pick<Host, 'nowMs' | 'userId'>,
  path: string,
  debug: (text: string) => void,
): TokenFile {
  let told = ''
  /** A process that waits for another reads the file many times. */
  const tellOnce = (text: string): undefined => {
    if (text !== told) debug(text)
    told = text
  }
  const shown = quotedPath(path)
  return {
    read() {
      try {
        const text = readPrivateFile(path, host.userId())
        if (text === undefined) return undefined
        const found = parse(text)
        if (typeof found === 'string') return tellOnce(`the file ${shown} is not used: ${found}`)
        if (found.requestedAtMs <= host.nowMs() + CLOCK_TOLERANCE_MS) return found
        return tellOnce(`the file ${shown} is not used: its date is in the future`)
      } catch (error) {
        return tellOnce(`the file ${shown} is not used: ${fileProblem(error)}`)
      }
    },
    write(token) {
      try {
        makePrivateFolder(dirname(path), host.userId())
        removeLeftovers(path, host.nowMs() - LEFTOVER_MS)
        replaceFile(path, `${JSON.stringify({ version: FILE_VERSION, ...token })}\n`, PRIVATE)
        return true
      } catch (error) {
        tellOnce(`the token is not shared with other processes: ${shown} cannot be written (${fileProblem(error)})`)
        return false
      }
    },
    remove() {
      try {
        rmSync(path, { force: true })
      } catch (error) {
        tellOnce(`the file ${shown} cannot be removed (${fileProblem(error)})`)
      }
    },
  }
}

// --- internal ---

function parse(text: string): SavedToken | string {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return text === '' ? 'it is empty' : 'it is damaged'
  }
  const { success, output } = v.safeParse(SAVED, content)
  if (success) return output
  const version = (content as { version?: unknown } | null)?.version
  return typeof version === 'number' && version > FILE_VERSION ? 'it was written by a newer version' : 'it is damaged'
}
