/** Headers between an isolated script's client and the broker. */

/** Marks an answer of the broker itself, whose body is an error. */
export const ERROR_HEADER = 'x-wfg-error'
/** The largest response that the client takes, in bytes. */
export const LIMIT_HEADER = 'x-wfg-limit'
