/**
 * Report overdue actions and their ages, by process and assignee; with `--html`, also as a page with charts.
 *
 * Reads actions and writes only the page, so you can run it at any time. The page lists the requests to chase, with links if
 * WFG_WEB_URL is set. It is one file that needs no server, so you can mail it. An existing page is replaced when the new one
 * is complete. The script reads every action opened since
 * `--since`, closed ones too, because not every server is known to filter by state. On a large server, give a day.
 */
import { rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { defineScript, gql, UsageError } from '#wfg'
import { type Overdue, renderPage } from './_overdue_page.ts'

const OpenActions = gql(`
  query OpenActions($page: Int, $size: Int, $since: DateTime) {
    actions(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        name
        openedAt
        closedAt
        request {
          number
        }
        assignee {
          userName
        }
        activity {
          process {
            name
          }
        }
      }
    }
  }
`)

const DAY_MS = 86_400_000

interface Group {
  readonly process: string | null
  readonly assignee: string | null
  readonly ages: number[]
}

export default defineScript({
  args: v.object({
    days: v.optional(v.pipe(v.number(), v.minValue(1), v.description('an action open for longer is overdue')), 7),
    since: v.optional(v.pipe(v.string(), v.isoDate(), v.description('only actions opened since this day'))),
    html: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description('also write a page to this file'))),
  }),
  examples: ['--days 14 --format table', '--html overdue.html'],
  async run({ args, wfg, server, log }) {
    const now = new Date()
    /** Ages in days, by process and assignee. */
    const groups = new Map<string, Group>()
    const overdue: Overdue[] = []
    const actions = wfg.paginate(OpenActions, { since: args.since })
    for await (const { name, openedAt, closedAt, request, assignee, activity } of actions) {
      if (closedAt !== null || openedAt === null) continue
      const who = { process: activity?.process?.name ?? null, assignee: assignee?.userName ?? null }
      const key = JSON.stringify(who)
      const group: Group = groups.get(key) ?? { ...who, ages: [] }
      groups.set(key, group)
      const age = (now.getTime() - Date.parse(openedAt)) / DAY_MS
      group.ages.push(age)
      if (age <= args.days) continue
      const daysOverdue = Math.ceil(age - args.days)
      overdue.push({ request: request?.number ?? null, ...who, action: name, daysOverdue })
    }
    const rows = [...groups.values()]
      .map(({ process, assignee, ages }) => ({
        process,
        assignee,
        open: ages.length,
        overdue: ages.filter((age) => age > args.days).length,
        ...summary(ages),
      }))
      .sort((a, b) => b.overdue - a.overdue || b.oldestDays - a.oldestDays)
    if (args.html !== undefined) {
      const path = resolve(args.html)
      const { dryRun, ...from } = await server()
      if (dryRun) {
        log(`Dry run: ${path} is not written.`)
      } else {
        overdue.sort((a, b) => b.daysOverdue - a.daysOverdue)
        const report = { server: from, overdue, groups: [...groups.values()], rows, days: args.days, now }
        await replaceFile(path, renderPage(report))
        log(`The page is in ${path}`)
      }
    }
    return rows
  },
})

// --- internal ---

function summary(ages: readonly number[]) {
  const sorted = ages.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]!
  const median = sorted.length % 2 === 1 ? upper : (sorted[(sorted.length >> 1) - 1]! + upper) / 2
  return { oldestDays: Math.floor(sorted.at(-1)!), medianDays: Math.floor(median) }
}

/** A reader sees the old page or the new one, but never a part. */
async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.partial`, text)
    await rename(`${path}.partial`, path)
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    throw new UsageError(
      `Cannot write the page "${path}" (${code ?? name}); name a file in a folder that you may write to.`,
    )
  }
}
