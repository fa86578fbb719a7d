/**
 * The requests of the sandbox, generated from their numbers when they are read: request `n` of `count` is always the same.
 * The newest was opened at 2026-11-20T15:42:10.113Z and the others at even distances in the 365 days before it. About one
 * request in twenty is stuck in an open action, and the requests of the last days are open too: of 400 requests with 1,032
 * actions, 41 are open.
 */
import { USERS, type User } from './people.ts'
import { type Activity, type DataDefinition, PROCESSES, type Process } from './processes.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** When the newest request was opened. Times are in milliseconds since 1970. */
export const NEWEST_MS = Date.UTC(2026, 10, 20, 15, 42, 10, 113)
const SPAN_MS = 365 * DAY_MS
/** No generated event is later. */
const LAST_CHANGE_MS = NEWEST_MS + HOUR_MS
const ACTION_LIMIT_MS = 5 * DAY_MS
const REQUEST_LIMIT_MS = 15 * DAY_MS

export interface FileValue {
  readonly name: string
  readonly contentType: string
  readonly updatedAt: number
  readonly content: Uint8Array
}

export type Value = string | number | FileValue | null

export interface Action {
  /** Within its request, from 1. */
  readonly number: number
  readonly request: Request
  readonly activity: Activity
  readonly name: string
  readonly description: string
  readonly limit: number
  readonly openedAt: number
  updatedAt: number
  closedAt: number | null
  readonly initiator: User
  assignee: User | null
}

export interface Request {
  readonly number: number
  readonly process: Process
  readonly description: string
  readonly isTest: boolean
  readonly requester: User
  readonly limit: number
  readonly openedAt: number
  closedAt: number | null
  subStatus: 'COMPLETED' | 'CANCELLED' | 'ABORTED' | null
  readonly actions: Action[]
  /** Values that were set, by data name. The others are generated when they are read. */
  readonly values: Map<string, Value>
  /** False for a request that a mutation created: its data are null until they are set. */
  readonly invented: boolean
}

/** A request without actions. */
export function openRequest({
  number,
  process: workflow,
  requester,
  isTest,
  openedAt,
  values,
  invented,
}: Pick<Request, 'number' | 'process' | 'requester' | 'isTest' | 'openedAt' | 'values' | 'invented'>): Request {
  return {
    number,
    process: workflow,
    description: `${workflow.description} of ${requester.firstName} ${requester.lastName}`,
    isTest,
    requester,
    limit: openedAt + REQUEST_LIMIT_MS,
    openedAt,
    closedAt: null,
    subStatus: null,
    actions: [],
    values,
    invented,
  }
}

/** Adds the next action of the request. */
export function addAction(
  request: Request,
  activity: Activity,
  initiator: User,
  assignee: User | null,
  openedAt: number,
  closedAt: number | null = null,
): void {
  request.actions.push({
    number: request.actions.length + 1,
    request,
    activity,
    name: activity.name,
    description: activity.description,
    limit: openedAt + ACTION_LIMIT_MS,
    openedAt,
    updatedAt: closedAt ?? openedAt,
    closedAt,
    initiator,
    assignee,
  })
}

/** Request `number` of a sandbox that starts with `count` of them. */
export function inventRequest(number: number, count: number): Request {
  const request = openRequest({
    number,
    process: pick(PROCESSES, chance(number, 1)),
    requester: USERS[Math.floor(chance(number, 2) * (USERS.length - 1))]!,
    isTest: chance(number, 3) < 0.02,
    openedAt: openedAtMs(number, count),
    values: new Map(),
    invented: true,
  })
  inventActions(request)
  return request
}

/** When request `number` was opened. Grows with the number. */
export function openedAtMs(number: number, count: number): number {
  const step = SPAN_MS / Math.max(count, 1)
  const jitter = number === count ? 0 : chance(number, 4) * step * 0.9
  return Math.floor(NEWEST_MS - (count - number) * step + jitter)
}

/** The value of `definition` in `request` if nobody has set it. */
export function inventValue(request: Request, index: number, definition: DataDefinition): Value {
  if (!request.invented) return null
  const random = chance(request.number, 20 + index)
  switch (definition.dataType) {
    case 'TEXT':
      return pick(definition.words ?? [''], random)
    case 'NUMERIC':
      return Math.ceil(random * (definition.max ?? 100) * 100) / 100
    case 'DATETIME':
      return request.openedAt + Math.ceil(random * 60) * DAY_MS
    case 'FILE':
      return random < 0.2 ? null : inventFile(request, definition)
  }
}

// --- internal ---

function inventFile(request: Request, definition: DataDefinition): FileValue {
  const { name, description, contentType = 'text/plain' } = definition
  const { extension, around } = FILE_FORMATS[contentType]!
  const line = `${description} of request ${request.number}, ${request.process.name}\n`
  return {
    name: `${name.toLowerCase()}-${request.number}.${extension}`,
    contentType,
    updatedAt: request.openedAt,
    content: Buffer.from(around(line.repeat(1 + Math.floor(chance(request.number, 5) * 40)))),
  }
}

/** For each media type, the extension of a file and what surrounds its text. */
const FILE_FORMATS: Readonly<Record<string, { extension: string; around(text: string): string }>> = {
  'text/plain': { extension: 'txt', around: (text) => text },
  'text/html': { extension: 'html', around: (text) => `<!DOCTYPE html>\n<title>Form</title>\n<pre>${text}</pre>\n` },
  'application/xml': {
    extension: 'xml',
    around: (text) =>
      `<?xml version="1.0" standalone="yes"?>\n<NewDataSet><Table1><TEXT>${text}</TEXT></Table1></NewDataSet>\n`,
  },
}

/**
 * Adds actions until the request is closed or its open action reaches the present. `fate` ends some requests early: below
 * 0.05 stuck, below 0.09 cancelled, below 0.12 aborted.
 */
function inventActions(request: Request): void {
  const { number, process: workflow, requester } = request
  const fate = chance(number, 6)
  const lastStep = Math.floor(chance(number, 7) * workflow.activities.length)
  let openedAt = request.openedAt
  let initiator = requester
  for (const [step, activity] of workflow.activities.entries()) {
    const assignee = assigneeOf(activity, number, requester)
    const duration = (0.2 + chance(number, 8 + step) * 60) * HOUR_MS
    const ends = fate < 0.12 && step === lastStep
    const closedAt = Math.floor(openedAt + duration)
    if ((ends && fate < 0.05) || closedAt > LAST_CHANGE_MS) {
      const unassigned = step > 0 && chance(number, 16) < 0.15
      addAction(request, activity, initiator, unassigned ? null : assignee, openedAt)
      return
    }
    addAction(request, activity, initiator, assignee, openedAt, closedAt)
    initiator = assignee
    openedAt = closedAt
    if (ends) break
  }
  request.closedAt = openedAt
  request.subStatus = fate < 0.09 ? 'CANCELLED' : fate < 0.12 ? 'ABORTED' : 'COMPLETED'
}

function assigneeOf(activity: Activity, number: number, requester: User): User {
  if (activity.assignees.length === 0) return requester
  return USERS[pick(activity.assignees, chance(number, 15)) - 1]!
}

function pick<Item>(items: readonly Item[], random: number): Item {
  return items[Math.floor(random * items.length)]!
}

/** A number in [0, 1) that depends only on the arguments (the finalizer of MurmurHash3). */
function chance(number: number, salt: number): number {
  let hash = Math.imul(number, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
