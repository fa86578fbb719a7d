/** What every field of the schema answers. */

import { type Action, type FileValue, inventValue, type Request, type Value } from '../data/dataset.ts'
import { decodeId, encodeId } from '../data/ids.ts'
import { USERS, type User } from '../data/people.ts'
import { type Activity, type DataDefinition, PROCESSES, type Process } from '../data/processes.ts'
import { type ActionFilter, actionKey, matchesAction, type RequestFilter, type Store, statusOf } from '../data/store.ts'
import { GraphQLError } from './graphql_library.ts'
import { type Listing, type Order, type Page, pageOf, wholeOf } from './listing.ts'
import {
  type ActionKey,
  type Context,
  findAction,
  findProcess,
  findRequest,
  findUser,
  type ProcessKey,
  type RequestKey,
} from './lookup.ts'
import { createMutations } from './mutations.ts'
import { DateTime, Upload } from './scalars.ts'

interface ListArguments<Filter> {
  page?: Page | null
  filter?: Filter | null
  orderBy?: Order | null
}

interface Data {
  readonly request: Request
  readonly index: number
  readonly definition: DataDefinition
  readonly value: Value
}

export function createResolvers(store: Store, maxPageSize: number) {
  const page = <Item>(list: Listing<Item>, { page }: { page?: Page | null }) => pageOf(list, page, maxPageSize)
  const pageOfArray = <Item>(items: readonly Item[], args: { page?: Page | null }) =>
    page({ length: items.length, at: (index) => items[index]! }, args)

  return {
    DateTime,
    Upload,
    Query: {
      viewer: (_: unknown, __: unknown, { actor }: Context) => actor,
      requests: (_: unknown, args: ListArguments<RequestFilter>, { actor }: Context) =>
        page(store.requests(actor, args.filter ?? {}, args.orderBy), args),
      actions: (_: unknown, args: ListArguments<ActionFilter>, { actor }: Context) =>
        page(store.actions(actor, args.filter ?? {}, args.orderBy), args),
      users: (_: unknown, args: ListArguments<{ userName?: string | null }>) => {
        const userName = args.filter?.userName
        return pageOfArray(
          USERS.filter((user) => userName == null || user.userName === userName),
          args,
        )
      },
      node: (_: unknown, { id }: { id: string }, { actor }: Context) => findNode(store, actor, id),
      request: (_: unknown, key: RequestKey, { actor }: Context) => findRequest(store, actor, key),
      action: (_: unknown, key: ActionKey, { actor }: Context) => findAction(store, actor, key),
      user: (_: unknown, key: { id?: string; userName?: string }) => findUser(key),
      process: (_: unknown, key: ProcessKey) => findProcess(key),
      processes: (_: unknown, args: { page?: Page }) => pageOfArray(PROCESSES, args),
    },
    Mutation: createMutations(store),
    Node: {
      __resolveType: typeOfNode,
    },
    User: {
      id: (user: User) => encodeId('User', user.number),
      actions: (assignee: User, args: ListArguments<ActionFilter>, { actor }: Context) =>
        page(store.actions(actor, { ...args.filter, assignee }), args),
      requests: (requester: User, args: ListArguments<RequestFilter>, { actor }: Context) =>
        page(store.requests(actor, { ...args.filter, requester }), args),
    },
    Request: {
      id: (request: Request) => encodeId('Request', request.number),
      status: statusOf,
      openedAt: (request: Request) => request.openedAtMs,
      closedAt: (request: Request) => request.closedAtMs,
      limit: (request: Request) => request.openedAtMs + REQUEST_LIMIT_MS,
      actions: (request: Request, args: ListArguments<ActionFilter>) =>
        pageOfArray(
          request.actions.filter((action) => matchesAction(action, args.filter ?? {})),
          args,
        ),
      dataset: (request: Request, args: { filter?: DatasetFilter | null }) => datasetOf(request, args.filter),
    },
    Action: {
      id: (action: Action) => encodeId('Action', actionKey(action)),
      name: (action: Action) => action.activity.name,
      description: (action: Action) => action.activity.description,
      status: statusOf,
      openedAt: (action: Action) => action.openedAtMs,
      updatedAt: (action: Action) => action.updatedAtMs,
      closedAt: (action: Action) => action.closedAtMs,
      limit: (action: Action) => action.openedAtMs + ACTION_LIMIT_MS,
      dataset: (action: Action, args: { filter?: DatasetFilter | null }) => datasetOf(action.request, args.filter),
    },
    Activity: {
      id: (activity: Activity) => encodeId('Activity', activity.number),
    },
    Process: {
      id: ({ number }: Process) => encodeId('Process', number),
    },
    Data: {
      id: ({ request, index }: Data) => encodeId('Data', request.number * 100 + index),
      name: ({ definition }: Data) => definition.name,
      description: ({ definition }: Data) => definition.description,
      dataType: ({ definition }: Data) => definition.dataType,
      textValue: valueOfType('TEXT'),
      numericValue: valueOfType('NUMERIC'),
      dateTimeValue: valueOfType('DATETIME'),
      fileValue: valueOfType('FILE'),
    },
    File: {
      size: (file: FileValue) => file.content.byteLength,
      updatedAt: (file: FileValue) => file.updatedAtMs,
      url: () => null,
      content: (file: FileValue) => Buffer.from(file.content).toString('base64'),
    },
  }
}

// --- internal ---

const DAY_MS = 86_400_000
const ACTION_LIMIT_MS = 5 * DAY_MS
const REQUEST_LIMIT_MS = 15 * DAY_MS

interface DatasetFilter {
  names?: readonly string[] | null
}

function datasetOf(request: Request, filter: DatasetFilter | null | undefined) {
  const data: Data[] = []
  for (const [index, definition] of request.process.data.entries()) {
    if (filter?.names && !filter.names.includes(definition.name)) continue
    const set = request.values.get(definition.name)
    data.push({ request, index, definition, value: set === undefined ? inventValue(request, index, definition) : set })
  }
  return wholeOf(data)
}

function valueOfType(dataType: string) {
  return ({ definition, value }: Data) => (definition.dataType === dataType ? value : null)
}

function typeOfNode(node: object): string {
  if ('userName' in node) return 'User'
  if ('actions' in node) return 'Request'
  if ('activity' in node) return 'Action'
  return 'activities' in node ? 'Process' : 'Activity'
}

/** @throws {GraphQLError} when there is none */
function findNode(store: Store, actor: User, id: string): User | Process | Request | Action | Activity {
  const { type, number } = decodeId(id)
  if (type === 'User') return findUser({ id })
  if (type === 'Process') return findProcess({ id })
  if (type === 'Request') return findRequest(store, actor, { id })
  if (type === 'Action') return findAction(store, actor, { id })
  const activities = type === 'Activity' ? PROCESSES.flatMap(({ activities }) => activities) : []
  const activity = activities.find((known) => known.number === number)
  if (!activity) throw new GraphQLError(`Node "${id}" not found.`)
  return activity
}
