/** The mutations. Each checks everything before it changes anything, so a refused one changes nothing. */
import { systemHost } from '../../host/host.ts'
import { type Action, addAction, openRequest, type Request, type Value } from '../data/dataset.ts'
import { type User, userByName, userByNumber } from '../data/people.ts'
import type { Store } from '../data/store.ts'
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
      const openedAt = now()
      const isTest = input.isTest ?? false
      const request = store.create((number) =>
        openRequest({ number, process: workflow, requester: actor, isTest, openedAt, values, invented: false }),
      )
      openNextAction(request, actor, openedAt)
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
      const at = now()
      setValues(request, values)
      close(action, at)
      if (request.actions.length < request.process.activities.length) openNextAction(request, actor, at)
      else closeRequest(request, 'COMPLETED', at)
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
      action.updatedAt = now()
      return { action, clientMutationId: input.clientMutationId }
    },

    cancelRequest(_: unknown, { input }: Input<RequestKey>, { actor }: Context) {
      const { number, closedAt } = findRequest(store, actor, input)
      if (closedAt !== null) throw new GraphQLError(`Cannot cancel request ${number}: it is closed.`)
      const request = store.edit(number)
      const at = now()
      for (const action of request.actions) if (action.closedAt === null) close(action, at)
      closeRequest(request, 'CANCELLED', at)
      return { request, clientMutationId: input.clientMutationId }
    },
  }
}

// --- internal ---

/** @throws {GraphQLError} if there is none, or it is closed */
function findOpenAction(store: Store, actor: User, key: ActionKey): Action {
  const action = findAction(store, actor, key)
  if (action.closedAt !== null) {
    throw new GraphQLError(`Action ${action.number} of request ${action.request.number} is closed.`)
  }
  return action
}

function editAction(store: Store, { request, number }: Action): Action {
  return store.edit(request.number).actions[number - 1]!
}

function setValues(request: Request, values: ReadonlyMap<string, Value>): void {
  for (const [name, value] of values) request.values.set(name, value)
}

function openNextAction(request: Request, initiator: User, openedAt: number): void {
  const activity = request.process.activities[request.actions.length]!
  const assignee = userByNumber(activity.assignees[0] ?? request.requester.number) ?? null
  addAction(request, activity, initiator, assignee, openedAt)
}

function close(action: Action, at: number): void {
  action.closedAt = at
  action.updatedAt = at
}

function closeRequest(request: Request, subStatus: 'COMPLETED' | 'CANCELLED', at: number): void {
  request.closedAt = at
  request.subStatus = subStatus
}

/** These servers stand for foreign ones, so their clock is the system's, whatever a caller's is. */
function now(): number {
  return systemHost().nowMs()
}
