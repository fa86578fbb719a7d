/** Finds an object by its id or another key. What the actor may not see is not found. */
import type { Action, Request } from '../data/dataset.ts'
import { numberOfId } from '../data/ids.ts'
import { type User, userByName, userByNumber } from '../data/people.ts'
import { type Process, processByName, processByNumber } from '../data/processes.ts'
import { maySeeAction, maySeeRequest, type Store } from '../data/store.ts'
import { GraphQLError } from './graphql_library.ts'

export interface Context {
  /** The user whose rights the caller has. */
  readonly actor: User
}

export interface RequestKey {
  id?: string | null
  number?: number | null
}

export interface ActionKey {
  id?: string | null
  requestNumber?: number | null
  number?: number | null
}

/** @throws {GraphQLError} if there is none, or no key is given */
export function findRequest(store: Store, actor: User, { id, number }: RequestKey): Request {
  const wanted = id == null ? number : numberOfId(id, 'Request')
  if (wanted == null) throw new GraphQLError('Cannot find a request: expected its id or its number.')
  const request = store.request(wanted)
  if (!request || !maySeeRequest(actor, request)) throw new GraphQLError(`Request ${wanted} not found.`)
  return request
}

/** @throws {GraphQLError} if there is none, or no key is given */
export function findAction(store: Store, actor: User, { id, requestNumber, number }: ActionKey): Action {
  if (id == null && (requestNumber == null || number == null)) {
    throw new GraphQLError('Cannot find an action: expected its id, or requestNumber and number.')
  }
  const action =
    id == null ? store.request(requestNumber!)?.actions[number! - 1] : store.action(numberOfId(id, 'Action'))
  if (!action || !maySeeAction(actor, action)) {
    throw new GraphQLError(`Action ${id ?? `${number} of request ${requestNumber}`} not found.`)
  }
  return action
}

/** @throws {GraphQLError} if there is none, or no key is given */
export function findUser({ id, userName }: { id?: string | null; userName?: string | null }): User {
  if (id == null && userName == null) throw new GraphQLError('Cannot find a user: expected id or userName.')
  const user = id == null ? userByName(userName!) : userByNumber(numberOfId(id, 'User'))
  if (!user) throw new GraphQLError(`User "${userName ?? id}" not found.`)
  return user
}

export interface ProcessKey {
  id?: string | null | undefined
  name?: string | null | undefined
  /** Default: the newest. */
  version?: number | null | undefined
}

/** @throws {GraphQLError} if there is none, or no key is given */
export function findProcess({ id, name, version }: ProcessKey): Process {
  if (id == null && name == null) throw new GraphQLError('Cannot find a process: expected its id or its name.')
  const workflow = id == null ? processByName(name!, version) : processByNumber(numberOfId(id, 'Process'))
  const wanted = version == null ? `"${name ?? id}"` : `"${name ?? id}" version ${version}`
  if (!workflow) throw new GraphQLError(`Process ${wanted} not found.`)
  return workflow
}
