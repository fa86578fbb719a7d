/** The resolvers of fields that are not plain properties of their object. */

import { type Action, type FileValue, inventValue, type Request } from '../data/dataset.ts'
import { decodeId, encodeId } from '../data/ids.ts'
import { USERS, type User } from '../data/people.ts'
import { type Activity, PROCESSES, type Process } from '../data/processes.ts'
import { type ActionFilter, actionKey, matchesAction, type RequestFilter, type Store, statusOf } from '../data/store.ts'
import { GraphQLError } from './graphql_library.ts'
import { type Order, type Page, pageOf } from './listing.ts'
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
import { VALUE_FIELDS } from './parameters.ts'
import { DateTime, Upload } from './scalars.ts'

interface ListArguments<Filter> {
  page?: Page | null
  filter?: Filter | null
  orderBy?: Order | null
}

export function createResolvers(store: Store, maxPageSize: number) {
  const pageOfItems = <Item>(items: readonly Item[], { page }: ListArguments<unknown>) =>
    pageOf(items, page, maxPageSize, (item) => item)
  const requests = (actor: User, { page, filter, orderBy }: ListArguments<RequestFilter>) =>
    pageOf(store.requests(actor, filter ?? {}, orderBy), page, maxPageSize, (number) => store.request(number)!)
  const actions = (actor: User, { page, filter, orderBy }: ListArguments<ActionFilter>) =>
    pageOf(store.actions(actor, filter ?? {}, orderBy), page, maxPageSize, (key) => store.action(key)!)

  return {
    DateTime,
    Upload,
    Query: {
      viewer: (_: unknown, __: unknown, { actor }: Context) => actor,
      requests: (_: unknown, args: ListArguments<RequestFilter>, { actor }: Context) => requests(actor, args),
      actions: (_: unknown, args: ListArguments<ActionFilter>, { actor }: Context) => actions(actor, args),
      users: (_: unknown, args: ListArguments<{ userName?: string | null }>) => {
        const userName = args.filter?.userName
        return pageOfItems(
          USERS.filter((user) => userName == null || user.userName === userName),
          args,
        )
      },
      node: (_: unknown, { id }: { id: string }, { actor }: Context) => findNode(store, actor, id),
      request: (_: unknown, key: RequestKey, { actor }: Context) => findRequest(store, actor, key),
      action: (_: unknown, key: ActionKey, { actor }: Context) => findAction(store, actor, key),
      user: (_: unknown, key: { id?: string; userName?: string }) => findUser(key),
      process: (_: unknown, key: ProcessKey) => findProcess(key),
      processes: (_: unknown, args: { page?: Page }) => pageOfItems(PROCESSES, args),
    },
    Mutation: createMutations(store),
    Node: {
      __resolveType: typeOfNode,
    },
    User: {
      id: ({ number }: User) => encodeId('User', number),
      actions: (assignee: User, args: ListArguments<ActionFilter>, { actor }: Context) =>
        actions(actor, { ...args, filter: { ...args.filter, assignee } }),
      requests: (requester: User, args: ListArguments<RequestFilter>, { actor }: Context) =>
        requests(actor, { ...args, filter: { ...args.filter, requester } }),
    },
    Request: {
      id: ({ number }: Request) => encodeId('Request', number),
      status: statusOf,
      actions: (request: Request, args: ListArguments<ActionFilter>) =>
        pageOfItems(
          request.actions.filter((action) => matchesAction(action, args.filter ?? {})),
          args,
        ),
      dataset: (request: Request, { filter }: DatasetArguments) => datasetOf(request, filter?.names),
    },
    Action: {
      id: (action: Action) => encodeId('Action', actionKey(action)),
      status: statusOf,
      dataset: ({ request }: Action, { filter }: DatasetArguments) => datasetOf(request, filter?.names),
    },
    Activity: {
      id: ({ number }: Activity) => encodeId('Activity', number),
    },
    Process: {
      id: ({ number }: Process) => encodeId('Process', number),
    },
    File: {
      size: ({ content }: FileValue) => content.byteLength,
      content: ({ content }: FileValue) => Buffer.from(content).toString('base64'),
    },
  }
}

// --- internal ---

interface DatasetArguments {
  filter?: { names?: readonly string[] | null } | null
}

function datasetOf(request: Request, names: readonly string[] | null | undefined) {
  const items = []
  for (const [index, definition] of request.process.data.entries()) {
    const { name, description, dataType } = definition
    if (names && !names.includes(name)) continue
    const id = encodeId('Data', request.number * 100 + index)
    const value = request.values.get(name) ?? inventValue(request, index, definition)
    items.push({ id, name, description, dataType, [VALUE_FIELDS[dataType]]: value })
  }
  return { totalCount: items.length, hasNextPage: false, hasPreviousPage: false, items }
}

function typeOfNode(node: object): string {
  if ('userName' in node) return 'User'
  if ('actions' in node) return 'Request'
  if ('activity' in node) return 'Action'
  return 'activities' in node ? 'Process' : 'Activity'
}

/** @throws {GraphQLError} if there is none */
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
