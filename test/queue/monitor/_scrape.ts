/** Asks a monitor as a probe and as Prometheus do. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
// @ts-expect-error: it has no types.
import parse from 'parse-prometheus-text-format'

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** @param url with a path */
export async function ask(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  const sent = request(url, { method, headers, agent: false }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

/** Returns the samples such as `wfg_jobs dead` with their values. Throws for a text that cannot be parsed. */
export function samples(metrics: string): Record<string, number> {
  // In the older form that the parser knows, the name of a counter's family ends as its samples do.
  const families: Family[] = parse(metrics.replace(/^# (HELP|TYPE) wfg_runs /gm, '# $1 wfg_runs_total '))
  return Object.fromEntries(
    families.flatMap(({ name, metrics: found }) =>
      found.map(({ labels = {}, value, buckets }) => [
        [name, ...Object.values(labels)].join(' '),
        Number(value ?? buckets?.['+Inf']),
      ]),
    ),
  )
}

// --- internal ---

interface Family {
  readonly name: string
  readonly metrics: readonly {
    readonly labels?: Readonly<Record<string, string>>
    readonly value?: string
    readonly buckets?: Readonly<Record<string, string>>
  }[]
}
