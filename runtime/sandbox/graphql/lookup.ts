/** Finding one thing by what a caller gives; what the actor may not see is not found. */

import type { Action, Request } from '../data/dataset.ts'
import { numberOfId } from '../data/ids.ts'
import { type User, userByName, userByNumber } from '../data/people.ts'
import { type Process, processByName, processByNumber } from '../data/processes.ts'
import { actionOf, maySeeAction, maySeeRequest, type Store, splitActionKey } from '../data/store.ts'
import { GraphQLError } from './graphql_library.ts'

/** What the GraphQL server knows of the caller. */
export interface Context {
  /** Whose rights the caller has. */
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

/** @throws {GraphQLError} when there is none, or no key */
export function findRequest(store: Store, actor: User, { id, number }: RequestKey): Request {
  const wanted = id == null ? number : numberOfId(id, 'Request')
  if (wanted == null) throw new GraphQLError('Cannot find a request: neither its id nor its number is given.')
  const request = store.request(wanted)
  if (!request || !maySeeRequest(actor, request)) throw new GraphQLError(`Request ${wanted} not found.`)
  return request
}

/** @throws {GraphQLError} when there is none, or no key */
export function findAction(store: Store, actor: User, { id, requestNumber, number }: ActionKey): Action {
  const key = id == null ? { requestNumber, number } : splitActionKey(numberOfId(id, 'Action'))
  if (key.requestNumber == null || key.number == null) {
    throw new GraphQLError('Cannot find an action: give its id, or the number of its request and its own.')
  }
  const request = store.request(key.requestNumber)
  const action = request && actionOf(request, key.number)
  if (!action || !maySeeAction(actor, action)) {
    throw new GraphQLError(`Action ${key.number} of request ${key.requestNumber} not found.`)
  }
  return action
}

/** @throws {GraphQLError} when there is none, or no key */
export function findUser({ id, userName }: { id?: string | null; userName?: string | null }): User {
  if (id == null && userName == null) throw new GraphQLError('Cannot find a user: neither id nor userName is given.')
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

/** @throws {GraphQLError} when there is none, or no key */
export function findProcess({ id, name, version }: ProcessKey): Process {
  if (id == null && name == null) throw new GraphQLError('Cannot find a process: neither its id nor its name is given.')
  const workflow = id == null ? processByName(name!, version) : processByNumber(numberOfId(id, 'Process'))
  const wanted = version == null ? `"${name ?? id}"` : `"${name ?? id}" version ${version}`
  if (!workflow) throw new GraphQLError(`Process ${wanted} not found.`)
  return workflow
}
