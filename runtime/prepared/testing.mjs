/** `#wfg/testing`, in whichever form the runtime is. */
import { load } from './prepared.mjs'

export const { fakeWfg } = await load('testing/mod.ts')
