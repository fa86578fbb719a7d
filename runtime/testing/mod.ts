/**
 * `#wfg/testing`: tools for tests of scripts.
 *
 * @module
 */
export type { FakeAnswer } from './fake_answer.ts'
export { type FakeCall, type FakeOptions, type FakeWfg, fakeWfg } from './fake_wfg.ts'
