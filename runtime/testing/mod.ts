/**
 * `#wfg/testing`: what people need to test their scripts.
 *
 * @module
 */
export type { FakeAnswer } from './fake_answer.ts'
export { type FakeCall, type FakeOptions, type FakeWfg, fakeWfg } from './fake_wfg.ts'
