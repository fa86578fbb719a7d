/** The session of this process, and what `#wfg` gives scripts of it. */
import { dirname } from 'node:path'
import type { DocumentNode } from 'graphql'
import type { AccessTokenStatus } from '../../auth/access_token.ts'
import { createClient } from '../../graphql/client/client.ts'
import type { WfgOptions } from '../../graphql/client/options.ts'
import type { Wfg } from '../../graphql/client/wfg.ts'
import { file } from '../../graphql/document/file.ts'
import { gql } from '../../graphql/document/gql.ts'
import { watchDefinitions } from '../../script/define.ts'
import { networkHost } from '../../transport/open_transport.ts'
import { refuseForeignFolder } from '../registry/own_folder.ts'
import { createDirectStart } from './direct.ts'
import { createSession, type EmbeddedSandbox, projectDirectory, type Session, type SessionOptions } from './session.ts'

export interface Instance {
  readonly session: Session
  /** The client of the run: the profile and the guards are those of the task, however it was started. */
  readonly wfg: Wfg
  /**
   * A client of your own.
   *
   * @throws {RangeError} for a number outside its bounds
   * @example
   * const test = createWfg({ profile: 'test', dryRun: true })
   */
  createWfg(options?: WfgOptions): Wfg
  /** The access token behind `wfg`; scripts rarely need it. */
  readonly token: DefaultToken
  readonly gql: typeof gql
  readonly file: typeof file
}

export interface DefaultToken {
  /** The token to use now. @throws {AccessTokenError} `WFG_ACCESS_TOKEN` */
  get(): Promise<string>
  status(): Promise<AccessTokenStatus>
  /** Forgets `value` if it is the current token: a late refusal of an older one changes nothing. */
  invalidate(value: string): Promise<void>
  /** Forgets the token and what was learnt about failures. */
  clear(): Promise<void>
}

/** What is above this layer: the sandbox, who asks, and whether the command line runs this process. */
export interface Surroundings {
  startSandbox(): Promise<EmbeddedSandbox>
  askArguments: NonNullable<SessionOptions['askArguments']>
  shareRecord: NonNullable<SessionOptions['shareRecord']>
  isCommandLine(): boolean
}

let made: Instance | undefined

/** The one of this process; made when it is first asked for. */
export function processInstance(surroundings: Surroundings): Instance {
  made ??= createInstance(surroundings)
  return made
}

// --- internal ---

function createInstance({ startSandbox, askArguments, shareRecord, isCommandLine }: Surroundings): Instance {
  const host = networkHost()
  const session = createSession(host, {
    findDirectory() {
      const directory = projectDirectory(host.program === undefined ? host.cwd() : dirname(host.program))
      refuseForeignFolder(host, directory)
      return directory
    },
    startSandbox,
    askArguments,
    shareRecord,
  })
  const direct = createDirectStart(session, () => !isCommandLine())
  watchDefinitions(direct.scriptDefined)
  const source = async () => {
    await session.prepare()
    return (await session.connect(undefined)).token
  }
  return {
    session,
    wfg: session.wfg,
    createWfg(options = {}) {
      direct.begin()
      return createClient(session.clientContext, options)
    },
    token: {
      get: async () => (await source()).get(),
      status: async () => (await source()).status(),
      invalidate: async (value) => (await source()).invalidate(value),
      clear: async () => (await source()).clear(),
    },
    gql: ((source: TemplateStringsArray, ...documents: DocumentNode[]) => {
      direct.begin()
      return gql(source, ...documents)
    }) as typeof gql,
    file(path, options) {
      direct.begin()
      return file(path, options)
    },
  }
}
