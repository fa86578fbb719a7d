/** Ids of runs. The run of a job has the job's id; a later attempt adds its number, as in `1b9d6bcd-….2`. */
import { randomBytes } from 'node:crypto'

/** An id that is short enough to type, without letters that look like digits. */
export function newRunId(): string {
  return [...randomBytes(ID_LENGTH)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('')
}

/** @param attempt 0, 1, … */
export function attemptId(jobId: string, attempt: number): string {
  return attempt === 0 ? jobId : `${jobId}.${attempt + 1}`
}

/** Returns the start of an id, which people can tell apart and type. */
export function shortId(id: string): string {
  const { job, attempt } = partsOf(id)
  return `${job.slice(0, ID_LENGTH)}${attempt}`
}

/** Returns an id, or what a person typed of it, without its attempt; and its attempt, as `.2` or nothing. */
export function partsOf(id: string): { readonly job: string; readonly attempt: string } {
  const [, job = '', attempt = ''] = /^(.*?)(\.\d+)?$/s.exec(id) ?? []
  return { job, attempt }
}

// --- internal ---

const ID_LENGTH = 8
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
