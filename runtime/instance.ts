/** The session of this process, and what `#wfg` gives scripts of it. */
import { dirname } from 'node:path'
import { commandLine, startSandbox } from './compose.ts'
import { createClient, type Wfg } from './graphql/client.ts'
import { gql as documentGql } from './graphql/document.ts'
import { file as uploadedFile } from './graphql/file.ts'
import type { WfgOptions } from './graphql/options.ts'
import { systemHost } from './host.ts'
import { watchDefinitions } from './tasks/define.ts'
import { createDirectStart } from './tasks/direct.ts'
import { createSession, projectDirectory, type Session } from './tasks/session.ts'

const host = systemHost()

export const session: Session = createSession(host, {
  findDirectory: () => projectDirectory(host.program === undefined ? host.cwd() : dirname(host.program)),
  startSandbox,
})

const direct = createDirectStart(session, () => !commandLine.isRunning)
watchDefinitions(direct.scriptDefined)

/** The client of the run: the profile and the guards are those of the task, however it was started. */
export const wfg: Wfg = session.wfg

/**
 * A client of your own.
 *
 * @throws {RangeError} for a number outside its bounds
 * @example
 * const test = createWfg({ profile: 'test', dryRun: true })
 */
export function createWfg(options: WfgOptions = {}): Wfg {
  direct.begin()
  return createClient(session.clientContext, options)
}

/** The access token behind `wfg`; scripts rarely need it. */
export const token = {
  /** The token to use now. @throws {AccessTokenError} `WFG_ACCESS_TOKEN` */
  get: async (): Promise<string> => (await tokenSource()).get(),
  status: async () => (await tokenSource()).status(),
  /** Forgets `value` if it is the current token: a late refusal of an older one changes nothing. */
  invalidate: async (value: string): Promise<void> => (await tokenSource()).invalidate(value),
  clear: async (): Promise<void> => (await tokenSource()).clear(),
}

export const gql: typeof documentGql = (source, ...documents) => {
  direct.begin()
  return documentGql(source, ...documents)
}

export const file: typeof uploadedFile = (path, options) => {
  direct.begin()
  return uploadedFile(path, options)
}

// --- internal ---

async function tokenSource() {
  await session.prepare()
  return (await session.connect(undefined)).token
}
