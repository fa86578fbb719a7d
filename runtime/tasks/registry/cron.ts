/**
 * Reads the cron expressions that cron, systemd, GitHub, Kubernetes and croner read alike: five fields of `*`, numbers,
 * names, ranges, steps and lists.
 */

/** The values of each field, ascending; undefined for `*`. */
export interface CronFields {
  readonly minutes: readonly number[] | undefined
  readonly hours: readonly number[] | undefined
  /** Of the month, 1 to 31. */
  readonly days: readonly number[] | undefined
  /** 1 to 12. */
  readonly months: readonly number[] | undefined
  /** 0 is Sunday. If `days` is given as well, a day that matches either one counts. */
  readonly weekdays: readonly number[] | undefined
}

/** @returns the fields, or what is wrong with the expression */
export function readCron(cron: string): CronFields | string {
  const texts = cron.trim().split(/\s+/)
  if (texts.length !== FIELDS.length) {
    return `it has ${texts.length === 1 ? '1 field' : `${texts.length} fields`}, and needs 5: minute, hour, day of the month, month, day of the week`
  }
  const [minutes, hours, days, months, weekdays] = texts.map((text, index) => readField(text, FIELDS[index]!))
  const unread = [minutes, hours, days, months, weekdays].find((values) => typeof values === 'string')
  if (typeof unread === 'string') return unread
  const fields = { minutes, hours, days, months, weekdays } as CronFields
  if (fields.days && fields.weekdays && (texts[2]!.startsWith('*') || texts[4]!.startsWith('*'))) {
    return 'it combines a step of * for one kind of day with the other kind, which not all schedulers read alike; write out the days'
  }
  return isNever(fields) ? 'none of its months has that day' : fields
}

/**
 * Returns the expression with numbers for names, one space between fields, and 0 for Sunday. GitHub and Kubernetes do not
 * take 7, and validators of GitHub's workflows do not take lower-case names.
 */
export function portableCron(cron: string, { weekdays }: CronFields): string {
  const texts = cron
    .trim()
    .split(/\s+/)
    .map((text, index) => {
      return text.replaceAll(/[a-z]+/gi, (name) => String(numberOf(name, FIELDS[index]!)))
    })
  const days = texts[4]!.includes('7') ? (weekdays ?? []).join(',') : texts[4]!
  return [...texts.slice(0, 4), days].join(' ')
}

// --- internal ---

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: MONTHS },
  { name: 'day of the week', from: 0, to: 7, names: WEEKDAYS },
]
const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function readField(text: string, field: Field): number[] | undefined | string {
  if (text === '*') return undefined
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [, star, first, last, step] = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? []
    const from = star ? field.from : numberOf(first, field)
    const to = star
      ? Math.min(field.to, field.name === 'day of the week' ? 6 : field.to)
      : numberOf(last ?? first, field)
    // Schedulers differ about `5/15`.
    const isStepOfOne = step !== undefined && !star && last === undefined
    if (from === undefined || to === undefined || to < from || isStepOfOne || step === '0') {
      return `its ${field.name} ${JSON.stringify(text)} cannot be read; expected ${expected(field)}`
    }
    for (let value = from; value <= to; value += Number(step ?? 1))
      values.add(field.name === 'day of the week' ? value % 7 : value)
  }
  return [...values].sort((a, b) => a - b)
}

function numberOf(text: string | undefined, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf((text ?? '').toLowerCase()) ?? -1
  if (named >= 0) return named + from
  const value = /^\d{1,2}$/.test(text ?? '') ? Number(text) : -1
  return from <= value && value <= to ? value : undefined
}

function expected({ from, to, names }: Field): string {
  const words = names === undefined ? '' : `, or ${names[0]} to ${names.at(-1)}`
  return `${from} to ${to}${words}, as in *, */5, 1-5 or 1,15`
}

/** True for a day that never comes, such as the 30th of February. */
function isNever({ days, months, weekdays }: CronFields): boolean {
  if (!days || !months || weekdays) return false
  return months.every((month) => days[0]! > DAYS_OF_MONTHS[month - 1]!)
}
