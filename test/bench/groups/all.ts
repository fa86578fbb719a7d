/** The groups, in the order in which they are measured and printed. */
import type { Group } from '../group.ts'
import { bulk } from './bulk.ts'
import { cpu } from './cpu.ts'
import { growth, journals } from './growth.ts'
import { isolated } from './isolated.ts'
import { memory } from './memory.ts'
import { paging } from './paging.ts'
import { idleCpu, idleMemory, queue } from './queue.ts'
import { queueAtOnce, queueLength, queueRate } from './queue_goals.ts'
import { requests } from './requests.ts'
import { sharedToken } from './shared_token.ts'
import { startUp } from './start_up.ts'

export const groups: readonly Group[] = [
  startUp,
  isolated,
  requests,
  paging,
  bulk,
  cpu,
  memory,
  sharedToken,
  growth,
  journals,
  queue,
  queueRate,
  queueAtOnce,
  queueLength,
  idleCpu,
  idleMemory,
]
