/** `#wfg/testing` on Node. */
import { load } from './prepared.mjs'

export const { fakeWfg } = await load('testing/mod.ts')
