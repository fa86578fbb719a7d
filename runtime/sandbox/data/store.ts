/**
 * The sandbox's database: generated requests, overlaid with those that were changed or created. A list is found once, as
 * numbers, and kept until something changes, so that each further page of it is cheap.
 */

import { type Order, sortedKeys } from '../graphql/listing.ts'
import { type Action, inventRequest, type Request } from './dataset.ts'
import type { User } from './people.ts'

export interface RequestFilter {
  createdSince?: number | null
  processName?: string | null
  status?: 'OPEN' | 'CLOSED' | null
  requester?: User
}

export interface ActionFilter {
  createdSince?: number | null
  requestNumber?: number | null
  processName?: string | null
  status?: 'OPEN' | 'CLOSED' | null
  assignee?: User
}

/** Number of lists that are kept at the same time. */
const MAX_KEPT_LISTS = 16
/** More than any request has. */
const ACTIONS_A_REQUEST = 16

export class Store {
  readonly #count: number
  readonly #changed = new Map<number, Request>()
  readonly #lists = new Map<string, readonly number[]>()
  #last: number

  /** @param count number of generated requests */
  constructor(count: number) {
    this.#count = count
    this.#last = count
  }

  request(number: number): Request | undefined {
    const isGenerated = Number.isInteger(number) && number >= 1 && number <= this.#count
    return this.#changed.get(number) ?? (isGenerated ? inventRequest(number, this.#count) : undefined)
  }

  /** The action that `actionKey` gave the key of. */
  action(key: number): Action | undefined {
    return this.request(Math.floor(key / ACTIONS_A_REQUEST))?.actions[(key % ACTIONS_A_REQUEST) - 1]
  }

  /** Returns the request, to be changed. */
  edit(number: number): Request {
    return this.#save(this.request(number)!)
  }

  /** Adds the request that `build` makes with the next number. */
  create(build: (number: number) => Request): Request {
    return this.#save(build(++this.#last))
  }

  /** Numbers of the requests that `actor` may see, oldest first unless ordered. */
  requests(actor: User, filter: RequestFilter, order?: Order | null): readonly number[] {
    const { requester } = filter
    const found = (request: Request) =>
      maySeeRequest(actor, request) &&
      matches(request, request, filter) &&
      (requester === undefined || request.requester === requester)
    return this.#list(['requests', actor, filter, order], () =>
      sortedKeys(filtered(this.#all(), found), ({ number }) => number, REQUEST_ORDERS, order),
    )
  }

  /** Keys of the actions that `actor` may see, oldest request first unless ordered. */
  actions(actor: User, filter: ActionFilter, order?: Order | null): readonly number[] {
    const found = (action: Action) => maySeeAction(actor, action) && matchesAction(action, filter)
    return this.#list(['actions', actor, filter, order], () =>
      sortedKeys(filtered(this.#allActions(), found), actionKey, ACTION_ORDERS, order),
    )
  }

  #save(request: Request): Request {
    this.#changed.set(request.number, request)
    this.#lists.clear()
    return request
  }

  *#all(): Iterable<Request> {
    for (let number = 1; number <= this.#last; number++) yield this.request(number)!
  }

  *#allActions(): Iterable<Action> {
    for (const { actions } of this.#all()) yield* actions
  }

  #list(parameters: readonly unknown[], find: () => number[]): readonly number[] {
    const key = JSON.stringify(parameters)
    const list = this.#lists.get(key) ?? find()
    this.#lists.delete(key)
    this.#lists.set(key, list)
    if (this.#lists.size > MAX_KEPT_LISTS) this.#lists.delete(this.#lists.keys().next().value!)
    return list
  }
}

export function maySeeRequest(actor: User, request: Request): boolean {
  return actor.rights === 'all' || request.requester === actor
}

export function maySeeAction(actor: User, action: Action): boolean {
  return action.assignee === actor || maySeeRequest(actor, action.request)
}

export function matchesAction(action: Action, filter: ActionFilter): boolean {
  return (
    matches(action, action.request, filter) &&
    (filter.requestNumber == null || action.request.number === filter.requestNumber) &&
    (filter.assignee === undefined || action.assignee === filter.assignee)
  )
}

/** A unique number for each action. */
export function actionKey(action: Action): number {
  return action.request.number * ACTIONS_A_REQUEST + action.number
}

export function statusOf({ closedAt }: { closedAt: number | null }): 'OPEN' | 'CLOSED' {
  return closedAt === null ? 'OPEN' : 'CLOSED'
}

// --- internal ---

const REQUEST_ORDERS: Record<string, (request: Request) => string | number | null> = {
  number: (request) => request.number,
  description: (request) => request.description,
  status: statusOf,
  openedAt: (request) => request.openedAt,
  closedAt: (request) => request.closedAt,
  processName: (request) => request.process.name,
  requester: (request) => request.requester.userName,
}

const ACTION_ORDERS: Record<string, (action: Action) => string | number | null> = {
  requestNumber: (action) => action.request.number,
  number: (action) => action.number,
  name: (action) => action.name,
  status: statusOf,
  openedAt: (action) => action.openedAt,
  updatedAt: (action) => action.updatedAt,
  closedAt: (action) => action.closedAt,
  assignee: (action) => action.assignee?.userName ?? null,
}

/** The filters that requests and actions share. */
function matches(
  item: Request | Action,
  { process }: Request,
  { createdSince, processName, status }: RequestFilter | ActionFilter,
): boolean {
  return (
    (createdSince == null || item.openedAt >= createdSince) &&
    (processName == null || process.name === processName) &&
    (status == null || statusOf(item) === status)
  )
}

function* filtered<Item>(items: Iterable<Item>, accepts: (item: Item) => boolean): Iterable<Item> {
  for (const item of items) if (accepts(item)) yield item
}
