/** The operations that change something. Each checks everything first and then changes, so a refused one changes nothing. */

import { nowMs } from '../ambient.ts'
import type { Action, Request, Value } from '../data/dataset.ts'
import { type User, userByName, userByNumber } from '../data/people.ts'
import { actionOf, type Store } from '../data/store.ts'
import { GraphQLError } from './graphql_library.ts'
import { type ActionKey, type Context, findAction, findProcess, findRequest, type RequestKey } from './lookup.ts'
import { type ParameterInput, readParameters } from './parameters.ts'

export interface Input<Fields> {
  input: Fields & { clientMutationId?: string | null; parameters?: readonly ParameterInput[] | null }
}

export interface CreateRequestFields {
  processName?: string | null
  processVersion?: number | null
  processId?: string | null
  isTest?: boolean | null
}

export function createMutations(store: Store) {
  return {
    async createRequest(_: unknown, { input }: Input<CreateRequestFields>, { actor }: Context) {
      const workflow = findProcess({ id: input.processId, name: input.processName, version: input.processVersion })
      const values = await readParameters(workflow, input.parameters)
      const atMs = nowMs()
      const request = store.create((number) => ({
        number,
        process: workflow,
        description: `${workflow.description} of ${actor.firstName} ${actor.lastName}`,
        isTest: input.isTest ?? false,
        requester: actor,
        openedAtMs: atMs,
        closedAtMs: null,
        subStatus: null,
        actions: [],
        values,
        invented: false,
      }))
      openNextAction(request, actor, atMs)
      return { request, clientMutationId: input.clientMutationId }
    },

    async updateRequestDataset(_: unknown, { input }: Input<RequestKey>, { actor }: Context) {
      const { number, process: workflow } = findRequest(store, actor, input)
      const values = await readParameters(workflow, input.parameters)
      const request = store.edit(number)
      setValues(request, values)
      return { request, clientMutationId: input.clientMutationId }
    },

    async completeAction(_: unknown, { input }: Input<ActionKey>, { actor }: Context) {
      const { request: found } = findOpenAction(store, actor, input)
      const values = await readParameters(found.process, input.parameters)
      const action = editAction(store, findOpenAction(store, actor, input))
      const { request } = action
      const atMs = nowMs()
      setValues(request, values)
      close(action, atMs)
      if (request.actions.length < request.process.activities.length) openNextAction(request, actor, atMs)
      else closeRequest(request, 'COMPLETED', atMs)
      return { action, clientMutationId: input.clientMutationId }
    },

    assignAction(_: unknown, { input }: Input<ActionKey & { assigneeUserName?: string | null }>, { actor }: Context) {
      const found = findOpenAction(store, actor, input)
      const assignee = userByName(input.assigneeUserName ?? '')
      if (!assignee) throw new GraphQLError(`User "${input.assigneeUserName ?? ''}" not found.`)
      if (!assignee.isActive)
        throw new GraphQLError(`Cannot assign an action to "${assignee.userName}": the user is not active.`)
      const action = editAction(store, found)
      action.assignee = assignee
      action.updatedAtMs = nowMs()
      return { action, clientMutationId: input.clientMutationId }
    },

    cancelRequest(_: unknown, { input }: Input<RequestKey>, { actor }: Context) {
      const { number, closedAtMs } = findRequest(store, actor, input)
      if (closedAtMs !== null) throw new GraphQLError(`Cannot cancel request ${number}: it is closed.`)
      const request = store.edit(number)
      const atMs = nowMs()
      for (const action of request.actions) if (action.closedAtMs === null) close(action, atMs)
      closeRequest(request, 'CANCELLED', atMs)
      return { request, clientMutationId: input.clientMutationId }
    },
  }
}

// --- internal ---

/** @throws {GraphQLError} when there is none that is open */
function findOpenAction(store: Store, actor: User, key: ActionKey): Action {
  const action = findAction(store, actor, key)
  if (action.closedAtMs !== null) {
    throw new GraphQLError(`Action ${action.number} of request ${action.request.number} is closed.`)
  }
  return action
}

function editAction(store: Store, { request, number }: Action): Action {
  return actionOf(store.edit(request.number), number)!
}

function setValues(request: Request, values: ReadonlyMap<string, Value>): void {
  for (const [name, value] of values) request.values.set(name, value)
}

function openNextAction(request: Request, initiator: User, openedAtMs: number): void {
  const activity = request.process.activities[request.actions.length]!
  const assignee = userByNumber(activity.assignees[0] ?? request.requester.number) ?? null
  const number = request.actions.length + 1
  const updatedAtMs = openedAtMs
  request.actions.push({ number, request, activity, openedAtMs, updatedAtMs, closedAtMs: null, initiator, assignee })
}

function close(action: Action, atMs: number): void {
  action.closedAtMs = atMs
  action.updatedAtMs = atMs
}

function closeRequest(request: Request, subStatus: 'COMPLETED' | 'CANCELLED', atMs: number): void {
  request.closedAtMs = atMs
  request.subStatus = subStatus
}
