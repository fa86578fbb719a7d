/**
 * What WorkflowGen would have in its database: the invented requests, and over them those that were changed or created
 * here. A list is found once, as numbers, and kept until something changes; so paging over it costs a page.
 */

import { type Listing, listingOf, type Order, sortedKeys } from '../graphql/listing.ts'
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

export interface Store {
  request(number: number): Request | undefined
  /** The request, to be changed; every list is found anew from now on. */
  edit(number: number): Request
  /** Adds what `build` makes with the next number. */
  create(build: (number: number) => Request): Request
  /** Those that `actor` may see, oldest first unless ordered. */
  requests(actor: User, filter: RequestFilter, order?: Order | null): Listing<Request>
  actions(actor: User, filter: ActionFilter, order?: Order | null): Listing<Action>
}

/** Lists that are kept at the same time; each has a number for every entry. */
const MAX_KEPT_LISTS = 16
/** No request has as many actions. */
const ACTIONS_A_REQUEST = 16

export function createStore(count: number): Store {
  const changed = new Map<number, Request>()
  const kept = new Map<string, number[]>()
  let last = count

  const request = (number: number): Request | undefined =>
    changed.get(number) ?? (number >= 1 && number <= count ? inventRequest(number, count) : undefined)

  function* all(): Iterable<Request> {
    for (let number = 1; number <= last; number++) yield request(number)!
  }

  function among(number: number | null | undefined): Iterable<Request> {
    if (number == null) return all()
    const one = request(number)
    return one ? [one] : []
  }

  function keep(key: string, find: () => number[]): number[] {
    const found = kept.get(key) ?? find()
    kept.delete(key)
    kept.set(key, found)
    if (kept.size > MAX_KEPT_LISTS) kept.delete(kept.keys().next().value!)
    return found
  }

  return {
    request: (number) => (Number.isInteger(number) ? request(number) : undefined),
    edit(number) {
      const edited = request(number)!
      changed.set(number, edited)
      kept.clear()
      return edited
    },
    create(build) {
      const created = build(++last)
      changed.set(last, created)
      kept.clear()
      return created
    },
    requests(actor, filter, order) {
      function* found(): Iterable<Request> {
        for (const candidate of all()) {
          if (maySeeRequest(actor, candidate) && matchesRequest(candidate, filter)) yield candidate
        }
      }
      const key = keyOfList('requests', actor, filter, order)
      const numbers = keep(key, () => sortedKeys(found(), (candidate) => candidate.number, REQUEST_ORDERS, order))
      return listingOf(numbers, (number) => request(number)!)
    },
    actions(actor, filter, order) {
      function* found(): Iterable<Action> {
        for (const candidate of among(filter.requestNumber)) {
          for (const action of candidate.actions) {
            if (maySeeAction(actor, action) && matchesAction(action, filter)) yield action
          }
        }
      }
      const key = keyOfList('actions', actor, filter, order)
      const keys = keep(key, () => sortedKeys(found(), actionKey, ACTION_ORDERS, order))
      return listingOf(keys, (actionKey) => {
        const { requestNumber, number } = splitActionKey(actionKey)
        return actionOf(request(requestNumber)!, number)!
      })
    },
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
    (filter.createdSince == null || action.openedAtMs >= filter.createdSince) &&
    (filter.requestNumber == null || action.request.number === filter.requestNumber) &&
    (filter.processName == null || action.request.process.name === filter.processName) &&
    (filter.status == null || statusOf(action) === filter.status) &&
    (filter.assignee === undefined || action.assignee === filter.assignee)
  )
}

export function actionOf(request: Request, number: number): Action | undefined {
  return request.actions[number - 1]
}

/** A number of its own for every action. */
export function actionKey(action: Action): number {
  return action.request.number * ACTIONS_A_REQUEST + action.number
}

/** What `actionKey` was made of: the numbers of the request and of the action in it. */
export function splitActionKey(key: number): { requestNumber: number; number: number } {
  return { requestNumber: Math.floor(key / ACTIONS_A_REQUEST), number: key % ACTIONS_A_REQUEST }
}

export function statusOf({ closedAtMs }: { closedAtMs: number | null }): 'OPEN' | 'CLOSED' {
  return closedAtMs === null ? 'OPEN' : 'CLOSED'
}

// --- internal ---

const REQUEST_ORDERS: Record<string, (request: Request) => string | number | null> = {
  number: (request) => request.number,
  description: (request) => request.description,
  status: statusOf,
  openedAt: (request) => request.openedAtMs,
  closedAt: (request) => request.closedAtMs,
  processName: (request) => request.process.name,
  requester: (request) => request.requester.userName,
}

const ACTION_ORDERS: Record<string, (action: Action) => string | number | null> = {
  requestNumber: (action) => action.request.number,
  number: (action) => action.number,
  name: (action) => action.activity.name,
  status: statusOf,
  openedAt: (action) => action.openedAtMs,
  updatedAt: (action) => action.updatedAtMs,
  closedAt: (action) => action.closedAtMs,
  assignee: (action) => action.assignee?.userName ?? null,
}

function matchesRequest(request: Request, filter: RequestFilter): boolean {
  return (
    (filter.createdSince == null || request.openedAtMs >= filter.createdSince) &&
    (filter.processName == null || request.process.name === filter.processName) &&
    (filter.status == null || statusOf(request) === filter.status) &&
    (filter.requester === undefined || request.requester === filter.requester)
  )
}

function keyOfList(
  kind: string,
  actor: User,
  filter: RequestFilter & ActionFilter,
  order: Order | null | undefined,
): string {
  const { requester, assignee, ...values } = filter
  return JSON.stringify([kind, actor.number, values, requester?.number, assignee?.number, order])
}
