/** What the GraphQL endpoint answers: pages of actions, and mutations that always succeed. Made once for each page. */

export interface Answer {
  readonly body: string
  /** How many were executed. */
  readonly mutations: number
}

/** @param total items that the list holds */
export function createAnswers(total: number): (body: string) => Answer {
  const pages = new Map<string, string>()
  return (body) => {
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
    if (/^\s*mutation\b/.test(query)) return mutationAnswer(query)
    const [number, size] = [Number(variables['page'] ?? 1), Number(variables['size'] ?? 100)]
    const withId = /\bid\b/.test(query)
    const key = `${number}/${size}/${withId}`
    let page = pages.get(key)
    if (page === undefined) {
      page = pageOf(number, size, total, withId)
      pages.set(key, page)
    }
    return { body: page, mutations: 0 }
  }
}

// --- internal ---

function pageOf(number: number, size: number, total: number, withId: boolean): string {
  const first = (number - 1) * size
  const items = Array.from({ length: Math.max(0, Math.min(size, total - first)) }, (_, at) => {
    const id = first + at + 1
    return {
      ...(withId ? { id: `action-${id}` } : {}),
      number: id,
      name: `APPROVAL_OF_STEP_${id % 7}`,
      openedAt: '2026-11-24T09:30:00.000Z',
      closedAt: null,
      assignee: { userName: `user_${id % 40}` },
      request: { number: 10_000 + Math.floor(id / 3) },
    }
  })
  return JSON.stringify({ data: { actions: { totalCount: total, hasNextPage: first + size < total, items } } })
}

/** Each field of the mutation by its alias, where it has one. */
function mutationAnswer(query: string): Answer {
  const fields = [...query.matchAll(/(?:(\w+)\s*:\s*)?\bcreateRequest\s*\(/g)]
  const data = Object.fromEntries(
    fields.map((field, at) => [field[1] ?? 'createRequest', { request: { number: 1000 + at } }]),
  )
  return { body: JSON.stringify({ data }), mutations: fields.length }
}
