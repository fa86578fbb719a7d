/** The charts on the page of `overdue-report`: their numbers, and the script that draws them in a browser. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Group {
  readonly process: string | null
  readonly assignee: string | null
  /** Ages of the open actions in days. */
  readonly ages: readonly number[]
}

export interface Bars {
  readonly labels: readonly string[]
  /** Number of labels without a bar. */
  readonly omitted: number
  /** One for each range of ages, youngest first, with a number for each label. */
  readonly series: readonly { readonly label: string; readonly data: readonly number[] }[]
}

/** As many bars as fit on a screen. The table has all rows. */
const MAX_BARS = 12

/** Counts by label and age, most overdue first. */
export function countBars(groups: readonly Group[], days: number, labelOf: (group: Group) => string): Bars {
  const ages = new Map<string, number[]>()
  for (const group of groups) ages.set(labelOf(group), [...(ages.get(labelOf(group)) ?? []), ...group.ages])
  const overdue = (all: readonly number[]) => all.filter((age) => age > days).length
  const shown = [...ages].sort(([, a], [, b]) => overdue(b) - overdue(a) || b.length - a.length).slice(0, MAX_BARS)
  const ranges = [
    { label: `up to ${days} days`, from: Number.NEGATIVE_INFINITY, to: days },
    { label: `${days} to ${days * 4}`, from: days, to: days * 4 },
    { label: `${days * 4} to ${days * 16}`, from: days * 4, to: days * 16 },
    { label: `over ${days * 16}`, from: days * 16, to: Number.POSITIVE_INFINITY },
  ]
  return {
    labels: shown.map(([label]) => label),
    omitted: ages.size - shown.length,
    series: ranges.map(({ label, from, to }) => ({
      label,
      data: shown.map(([, all]) => all.filter((age) => age > from && age <= to).length),
    })),
  }
}

/** Chart.js as a plain script, without the reference to its source map. */
export function chartLibrary(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('chart.js'))
  return readFileSync(join(folder, 'chart.umd.min.js'), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '')
}

/** Runs in the page. Draws a chart in each canvas, and again when the colours change. */
export const DRAW = `
const drawn = []
const shortened = (text) => text.length > 24 ? text.slice(0, 23) + '\\u2026' : text
function draw() {
  const style = getComputedStyle(document.documentElement)
  const color = (name) => style.getPropertyValue('--' + name).trim()
  for (const chart of drawn.splice(0)) chart.destroy()
  Chart.defaults.color = color('text')
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily
  for (const { id, labels, series } of JSON.parse(document.getElementById('charts').textContent)) {
    const canvas = document.getElementById(id)
    if (!canvas) continue
    drawn.push(new Chart(canvas, {
      type: 'bar',
      data: { labels, datasets: series.map(({ label, data }, index) => ({
        label, data, backgroundColor: color('age-' + (index + 1)), borderColor: color('back'), borderWidth: 1,
      })) },
      options: {
        indexAxis: 'y',
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: { stacked: true, ticks: { precision: 0 }, grid: { color: color('line') } },
          y: { stacked: true, grid: { display: false }, ticks: { callback: (index) => shortened(labels[index]) } },
        },
        plugins: { legend: { position: 'bottom', labels: { boxWidth: 12 } } },
      },
    }))
  }
}
draw()
for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', draw)
`
