/** The result as a person reads it: one table, what was not measured, and where it was measured. */
import type { Row } from './group.ts'
import type { Report } from './report.ts'

export function printed({ machine, mode, rows, missing, seconds }: Report): string {
  const { cpu, cores, memoryGiB, system, load, versions } = machine
  const lines = [
    ...tableOf(rows),
    '',
    ...rows
      .filter((row) => row.reason !== null)
      .map((row) => `not measured in every round: ${row.name}: ${row.reason}`),
    ...missing,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, load ${load}${load > cores / 2 ? ' (BUSY: trust the ratios only)' : ''}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `${mode} run, ${Math.round(seconds)} s; the spread is that of the middle half of the rounds; ratios are taken within a round`,
  ]
  return `${lines.join('\n')}\n`
}

// --- internal ---

const HEAD = ['what', 'median', 'spread', 'ratio', 'to', 'goal', 'met']

function tableOf(rows: readonly Row[]): string[] {
  const titles = [...new Set(rows.map((row) => row.group))]
  const cells = new Map(rows.map((row) => [row, cellsOf(row)]))
  const widths = HEAD.map((head, at) => Math.max(head.length, ...[...cells.values()].map((row) => row[at]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd()
  return titles.flatMap((title) => [
    ...(title === titles[0] ? [line(HEAD)] : []),
    `-- ${title}`,
    ...rows.filter((row) => row.group === title).map((row) => line(cells.get(row)!)),
  ])
}

function cellsOf({ name, unit, value, ratio, baseline, goal, met }: Row): string[] {
  return [
    name,
    value ? `${number(value.median)}${unit === 'ms' || unit === 'µs' || unit === 'MiB' ? ` ${unit}` : ''}` : '-',
    value ? `${number(value.low)}..${number(value.high)}` : '-',
    ratio ? `${ratio.median.toPrecision(3)} x` : '',
    baseline ? `${baseline.name}${baseline.median === null ? '' : ` (${number(baseline.median)})`}` : '',
    goal ? `<= ${goal.atMost}${goal.of === 'ratio' ? ' x' : ''}` : '',
    met === null ? '' : met ? 'yes' : 'NO',
  ]
}

function number(value: number): string {
  return value.toFixed(Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0)
}
