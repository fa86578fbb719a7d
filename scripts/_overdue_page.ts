/** The page of `overdue-report`: one file with charts, numbers and the library that draws them. */
import { type Bars, chartLibrary, countBars, DRAW, type Group } from './_overdue_charts.ts'

export interface Row {
  readonly process: string | null
  readonly assignee: string | null
  readonly open: number
  readonly overdue: number
  readonly oldestDays: number
  readonly medianDays: number
}

export interface Report {
  readonly groups: readonly Group[]
  readonly rows: readonly Row[]
  /** An action open for longer is overdue. */
  readonly days: number
  readonly now: Date
}

/** Renders the page. It needs no server, and its policy forbids requests. */
export function renderPage({ groups, rows, days, now }: Report): string {
  const open = rows.reduce((sum, row) => sum + row.open, 0)
  const overdue = rows.reduce((sum, row) => sum + row.overdue, 0)
  const summary = `${overdue} of ${open} open ${open === 1 ? 'action is' : 'actions are'} older than ${days} ${days === 1 ? 'day' : 'days'}`
  const charts = [
    { id: 'by-process', title: 'By process', ...countBars(groups, days, ({ process }) => process ?? NO_PROCESS) },
    { id: 'by-assignee', title: 'By assignee', ...countBars(groups, days, ({ assignee }) => assignee ?? NOBODY) },
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(summary)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(summary)}</h1>
<p>As of <time datetime="${now.toISOString()}">${now.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>.</p>
${open === 0 ? '' : `<div class="charts">${charts.map(figure).join('')}</div>\n${table(rows)}`}
</main>
<script>${chartLibrary()}</script>
<script type="application/json" id="charts">${JSON.stringify(charts).replaceAll('<', '\\u003c')}</script>
<script>${DRAW}</script>
</body>
</html>
`
}

// --- internal ---

const NO_PROCESS = 'no process'
const NOBODY = 'nobody'
function figure({ id, title, labels, omitted }: { id: string; title: string } & Bars): string {
  return `<figure>
<figcaption>${title}${omitted === 0 ? '' : `; ${omitted} more are in the table`}</figcaption>
<div class="chart" style="height: ${labels.length * 30 + 90}px">
<canvas id="${id}" role="img" aria-label="Open actions ${title.toLowerCase()} and age; the table below has the numbers"></canvas>
</div>
</figure>
`
}

function table(rows: readonly Row[]): string {
  const processes = new Set(rows.map(({ process }) => process))
  return `<table>
<caption>Open actions by process and assignee; ages in days</caption>
<thead><tr><th scope="col">Assignee</th>${['Open', 'Overdue', 'Oldest', 'Median'].map((name) => `<th scope="col" class="number">${name}</th>`).join('')}</tr></thead>
${[...processes].map((process) => section(process, rows)).join('')}</table>`
}

function section(process: string | null, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.process === process)
  const lines = own.map(({ assignee, open, overdue, oldestDays, medianDays }) => {
    const numbers = [open, overdue, oldestDays, medianDays].map((number) => `<td class="number">${number}</td>`)
    return `<tr><th scope="row">${escaped(assignee ?? NOBODY)}</th>${numbers.join('')}</tr>\n`
  })
  return `<tbody>
<tr><th scope="rowgroup" colspan="5">${escaped(process ?? NO_PROCESS)}</th></tr>
${lines.join('')}</tbody>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #57606a; --line: #d0d7de; --back: #ffffff;
  --age-1: #87919d; --age-2: #b87a00; --age-3: #c4501b; --age-4: #7d1230 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9ea7b3; --line: #3d444d; --back: #14181d;
    --age-1: #6b7785; --age-2: #c98f1b; --age-3: #ef7a3c; --age-4: #ff6f8a }
}
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25 }
p { margin: .25rem 0 1.5rem; color: var(--soft) }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2rem; align-items: start }
figure { margin: 0; min-width: 0 }
figcaption, caption { text-align: left; font-weight: 600 }
.chart { position: relative }
table { width: 100%; max-width: 46rem; margin-top: 2rem; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); font-weight: 400; text-align: left; overflow-wrap: anywhere }
thead th { color: var(--soft); font-size: .875rem; overflow-wrap: normal }
th[scope=row] { width: 100% }
th[scope=rowgroup] { padding-top: 1rem; font-weight: 600 }
.number { text-align: right }
@media (max-width: 30rem) { table { font-size: .875rem } th, td { padding-inline: .25rem } }
`
