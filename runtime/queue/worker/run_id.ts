/** The id of one attempt in the history: that of the first is the job's. */
export function runIdOf(runId: string, attempt: number): string {
  return attempt === 0 ? runId : `${runId}.${attempt}`
}
