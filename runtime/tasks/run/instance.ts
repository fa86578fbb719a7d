/** The session of this process, and the exports of `#wfg`. */
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
import { createSession, projectDirectory, type Session, type SessionOptions } from './session.ts'

export interface Instance {
  readonly session: Session
  /** The client of the run. It has the profile and the guards of the task, however that was started. */
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
  /** Forgets the token if it is still `value`: a late refusal of an older one changes nothing. */
  invalidate(value: string): Promise<void>
  /** Forgets the token and failed token requests. */
  clear(): Promise<void>
}

/** What only higher floors can do. */
export interface InstanceOptions extends Required<Omit<SessionOptions, 'findDirectory'>> {
  /** False if a script was started directly, or a program imports `#wfg`. */
  isCommandLine(): boolean
}

let made: Instance | undefined

/** The instance of this process. It is made when it is first needed. */
export function processInstance(options: InstanceOptions): Instance {
  made ??= createInstance(options)
  return made
}

// --- internal ---

function createInstance({ isCommandLine, ...options }: InstanceOptions): Instance {
  const host = networkHost()
  const session = createSession(host, {
    ...options,
    findDirectory() {
      const directory = projectDirectory(host.program === undefined ? host.cwd() : dirname(host.program))
      refuseForeignFolder(host, directory)
      return directory
    },
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
