/** The queue of a worker, used by a command: the worker does each call. */
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { ConfigError, RefusedError, TransportError, UsageError, WfgError } from '../../core/errors.ts'
import { systemCode } from '../../core/system_code.ts'
import type { Owner } from '../database/owner.ts'
import type { JobState, JobStore } from '../store.ts'
import type { Answer, Method } from './server.ts'

/**
 * @param findOwner reads who has the folder now: a worker that was started again listens elsewhere
 * @throws {TransportError} when nobody listens
 */
export async function connectJobs(findOwner: () => Owner | undefined): Promise<JobStore> {
  async function call<Result>(method: Method, ...params: unknown[]): Promise<Result> {
    return (await send(findOwner(), JSON.stringify({ method, params }))) as Result
  }

  await send(findOwner(), '')
  return {
    enqueue: (job) => call('enqueue', job),
    jobs: async (limit) => (await call<JobState[]>('jobs', limit)).map(withDates),
    retry: (id) => call('retry', id),
    drop: (id) => call('drop', id),
    close: async () => {},
  }
}

// --- internal ---

async function send(owner: Owner | undefined, body: string): Promise<unknown> {
  if (!owner?.socket) throw unreached('no worker has it now')
  const { result, error } = await exchange(owner, body)
  if (error) throw toError(error)
  return result
}

async function exchange({ socket, key }: Owner, body: string): Promise<Answer> {
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { socketPath: socket, method: 'POST', headers: { authorization: key }, agent: false }
      request(options, resolve).on('error', reject).end(body)
    })
    return JSON.parse(await text(response)) as Answer
  } catch (error) {
    const code = systemCode(error)
    const isCut = !['ENOENT', 'ECONNREFUSED', 'EACCES'].includes(code)
    throw unreached(isCut ? 'the worker ended before it answered' : `nobody listens at its socket (${code})`)
  }
}

/** JSON has no dates. */
function withDates({ queuedAt, startAfter, startedAt, endedAt, ...job }: JobState): JobState {
  return {
    ...job,
    queuedAt: new Date(queuedAt),
    ...(startAfter ? { startAfter: new Date(startAfter) } : {}),
    ...(startedAt ? { startedAt: new Date(startedAt) } : {}),
    ...(endedAt ? { endedAt: new Date(endedAt) } : {}),
  }
}

const CLASSES = { WFG_CONFIG: ConfigError, WFG_USAGE: UsageError, WFG_REFUSED: RefusedError }

function toError({ code, message }: NonNullable<Answer['error']>): WfgError {
  if (code === 'WFG_NETWORK') return new TransportError(message, { code })
  const Known = CLASSES[code as keyof typeof CLASSES] ?? WfgError
  return new Known(message)
}

function unreached(found: string): TransportError {
  const remedy = 'Try again. If it fails again, check that the worker runs.'
  return new TransportError(`Cannot reach the worker that has the queue: ${found}. ${remedy}`, {
    code: 'WFG_NETWORK',
    remedy,
  })
}
