/** A repository of scripts and a server with a schema. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, getIntrospectionQuery, graphqlSync } from 'graphql'
import { type CliResult, type Project, project } from '../_cli.ts'
import { type Reply, type ScriptedReply, type ScriptedServer, scriptedServer } from '../_server.ts'
import { hidesSecrets, settingsFor } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'

export const SDL = `type Query {
  "Who asks."
  viewer: User
  users(page: PageInput, name: String): Users # a comment
}
input PageInput { number: Int size: Int = 10 }
type User { id: ID! userName: String loginName: String @deprecated(reason: "Use userName.") }
type Users { hasNextPage: Boolean items: [User] }
`

export const TASKS = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`

export const text = (body: string, status = 200): Reply => ({ status, headers: { 'content-type': 'text/plain' }, body })

export function introspection(sdl: string): Reply {
  return { body: graphqlSync({ schema: buildSchema(sdl), source: getIntrospectionQuery() }) }
}

export interface Pulled {
  readonly server: ScriptedServer
  readonly project: Project
  /** A file of `scripts/.schema`; undefined where it is not there. */
  file(name: string): string | undefined
  /** Runs `schema …` with the server's settings, in this process. */
  schema(...args: string[]): Promise<CliResult>
  /** The same as a process of its own. */
  started(...args: string[]): Promise<CliResult>
}

/** @param replies of the server, the token's among them */
export async function withSchema(
  replies: readonly ScriptedReply[],
  files: Readonly<Record<string, string>>,
  check: (pulled: Pulled) => Promise<void>,
): Promise<void> {
  const server = await scriptedServer(replies)
  const made = project({ 'tasks.ts': TASKS, ...files })
  const env = settingsFor(server)
  const checked = (result: CliResult) => {
    hidesSecrets(result)
    return result
  }
  try {
    await check({
      server,
      project: made,
      file(name) {
        const path = join(made.dir, 'scripts', '.schema', name)
        return existsSync(path) ? readFileSync(path, 'utf8') : undefined
      },
      schema: async (...args) => checked(await here(made.dir, ['schema', ...args], { env })),
      started: async (...args) => checked(await made.run(['schema', ...args], { env })),
    })
    await server.close()
  } finally {
    await server.destroy()
    made.cleanup()
  }
}
