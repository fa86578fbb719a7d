import { userInfo } from 'node:os'
import type { Host } from '../../host.ts'

/** Who queues a job on this computer. */
export function userOf({ userId }: Pick<Host, 'userId'>): string {
  try {
    return userInfo().username
  } catch {
    return String(userId() ?? 'unknown') // a user without an entry, as in some containers
  }
}
