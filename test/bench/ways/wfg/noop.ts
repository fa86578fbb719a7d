/** Nothing: what the start alone costs. */
export {}
