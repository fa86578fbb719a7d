/** The page of `overdue-report`: one file with charts, tables and the scripts that draw and sort them. */
import { type Bars, chartLibrary, countBars, DRAW, type Group } from './_overdue_charts.ts'
import { escaped, renderTable, SORT } from './_page_table.ts'

export interface Row {
  readonly process: string | null
  readonly assignee: string | null
  readonly open: number
  readonly overdue: number
  readonly oldestDays: number
  readonly medianDays: number
}

/** An action that is overdue. */
export interface Overdue {
  /** The number of its request. */
  readonly request: number | null
  readonly process: string | null
  readonly action: string | null
  readonly assignee: string | null
  readonly daysOverdue: number
}

export interface Report {
  readonly server: { readonly profile: string; readonly url: string; readonly webUrl: string | undefined }
  /** Oldest first. */
  readonly overdue: readonly Overdue[]
  readonly groups: readonly Group[]
  readonly rows: readonly Row[]
  /** An action open for longer is overdue. */
  readonly days: number
  readonly now: Date
}

/** Renders the page. It needs no server, and its policy forbids requests. */
export function renderPage({ server, overdue, groups, rows, days, now }: Report): string {
  const open = rows.reduce((sum, row) => sum + row.open, 0)
  const summary = `${overdue.length} of ${open} open ${open === 1 ? 'action is' : 'actions are'} older than ${days} ${days === 1 ? 'day' : 'days'}`
  const charts = [
    { id: 'by-process', title: 'By process', ...countBars(groups, days, ({ process }) => process ?? NO_PROCESS) },
    { id: 'by-assignee', title: 'By assignee', ...countBars(groups, days, ({ assignee }) => assignee ?? NOBODY) },
  ]
  const parts = [
    `<div class="charts">${charts.map(figure).join('')}</div>\n`,
    overdue.length > 0 ? overdueTable(overdue, server.webUrl) : '',
    groupTable(rows),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(summary)}</title>
<style>${STYLE}</style>
<noscript><style>.charts { display: none }</style></noscript>
</head>
<body>
<main>
<h1>${escaped(summary)}</h1>
<p>From ${escaped(server.url)} (profile ${escaped(server.profile)}), as of <time datetime="${now.toISOString()}">${now.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>.</p>
${open === 0 ? '' : parts.join('')}
</main>
<script>${chartLibrary()}</script>
<script type="application/json" id="charts">${JSON.stringify(charts).replaceAll('<', '\\u003c')}</script>
<script>${DRAW}${SORT}</script>
</body>
</html>
`
}

// --- internal ---

const NO_PROCESS = 'no process'
const NOBODY = 'nobody'
/** More would make the page slow, and nobody chases as many. */
const MAX_LISTED = 1000

function figure({ id, title, labels, omitted }: { id: string; title: string } & Bars): string {
  return `<figure>
<figcaption>${title}${omitted === 0 ? '' : `; ${omitted} more are in the table`}</figcaption>
<div class="chart" style="height: ${labels.length * 30 + 90}px">
<canvas id="${id}" role="img" aria-label="Open actions ${title.toLowerCase()} and age; the tables below have the numbers"></canvas>
</div>
</figure>
`
}

function overdueTable(overdue: readonly Overdue[], webUrl: string | undefined): string {
  const listed = overdue.slice(0, MAX_LISTED)
  const more = overdue.length > listed.length ? `; the ${listed.length} oldest of ${overdue.length}` : ''
  return renderTable(`Requests to chase${more}`, listed, [
    {
      title: 'Request',
      text: ({ request }) => String(request ?? 'no request'),
      link: ({ request }) => (request === null ? undefined : webUrl?.replaceAll('{request}', String(request))),
    },
    { title: 'Process', text: ({ process }) => process ?? NO_PROCESS },
    { title: 'Action', text: ({ action }) => action ?? 'no name' },
    { title: 'Assignee', text: ({ assignee }) => assignee ?? NOBODY },
    { title: 'Days overdue', text: ({ daysOverdue }) => String(daysOverdue), isNumber: true, sorted: 'descending' },
  ])
}

function groupTable(rows: readonly Row[]): string {
  const number = (title: string, name: 'open' | 'overdue' | 'oldestDays' | 'medianDays') => ({
    title,
    text: (row: Row) => String(row[name]),
    isNumber: true,
  })
  return renderTable('Open actions by process and assignee; ages in days', rows, [
    { title: 'Process', text: ({ process }) => process ?? NO_PROCESS },
    { title: 'Assignee', text: ({ assignee }) => assignee ?? NOBODY },
    number('Open', 'open'),
    { ...number('Overdue', 'overdue'), sorted: 'descending' },
    number('Oldest', 'oldestDays'),
    number('Median', 'medianDays'),
  ])
}

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --link: #0b57d0;
  --age-1: #87919d; --age-2: #b87a00; --age-3: #c4501b; --age-4: #7d1230 }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9ea7b3; --line: #3d444d; --back: #14181d; --link: #7cb3ff;
    --age-1: #6b7785; --age-2: #c98f1b; --age-3: #ef7a3c; --age-4: #ff6f8a }
}
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25 }
p { margin: .25rem 0 1.5rem; color: var(--soft); overflow-wrap: anywhere }
a { color: var(--link) }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2rem; align-items: start }
figure { margin: 0; min-width: 0 }
figcaption, caption { text-align: left; font-weight: 600 }
.chart { position: relative }
table { width: 100%; margin-top: 2rem; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); font-weight: 400; text-align: left; overflow-wrap: break-word }
tr > :first-child { padding-left: 0 }
tr > :last-child { padding-right: 0 }
thead th { position: sticky; top: 0; background: var(--back); color: var(--soft); font-size: .875rem; vertical-align: bottom }
.number { text-align: right }
th button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: inherit; cursor: pointer }
th button::after { content: ' \\2195'; opacity: .4 }
th[aria-sort] button::after { opacity: 1 }
th[aria-sort=ascending] button::after { content: ' \\2191' }
th[aria-sort=descending] button::after { content: ' \\2193' }
@media screen and (max-width: 40rem) { table { display: block; overflow-x: auto; font-size: .75rem } thead th { font-size: .6875rem } th, td { padding-inline: .2rem } }
@page { margin: 15mm }
@media print {
  :root { color-scheme: light; font-size: 12px }
  body { font-size: 12px }
  main { max-width: none; padding: 0 }
  a { color: inherit; text-decoration: none }
  thead, tr, figure { break-inside: avoid }
  caption { break-after: avoid }
  thead th { position: static }
  /* Chromium does not repeat a head with boxes of buttons on the next page. */
  th button { display: contents }
  th:not([aria-sort]) button::after { content: none }
}
`
