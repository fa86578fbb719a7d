/** A cell of an Excel sheet: its type, and its XML (ECMA-376-1, 18.3.1.4). */
import { cellText } from '../cells.ts'
import type { Styles } from './workbook.ts'

/** Excel's limit for a cell. */
export const MAX_CHARACTERS = 32_767

export interface Cell {
  readonly kind: 'text' | 'number' | 'boolean' | 'day' | 'time'
  readonly text: string
}

/**
 * A number, a boolean or a text is what it is. A text that is a day such as `2026-11-24`, or a time in UTC such as
 * `2026-11-24T10:00:00Z`, is a date. Excel knows no time zones, so its times are in UTC too. Excel keeps 15 digits of a
 * number, so a longer integer is a text, and so is every big integer.
 */
export function cellOf(value: unknown, redact: (text: string) => string): Cell {
  const text = cellText(value)
  const masked = redact(text)
  return { kind: masked === text ? kindOf(value, text) : 'text', text: masked }
}

/** @param place such as `B7` */
export function cellXml({ kind, text }: Cell, place: string, styles: Pick<Styles, 'day' | 'time'>): string {
  if (text === '') return ''
  if (kind === 'text') return textXml(text, place)
  if (kind === 'number') return `<c r="${place}"><v>${text}</v></c>`
  if (kind === 'boolean') return `<c r="${place}" t="b"><v>${text === 'true' ? 1 : 0}</v></c>`
  return `<c r="${place}" s="${styles[kind]}"><v>${Date.parse(text) / MS_PER_DAY + DAYS_BEFORE_1970}</v></c>`
}

/** Text is text, whatever it looks like. Line breaks become LF. What XML cannot hold becomes U+FFFD. */
export function textXml(text: string, place: string, style?: string): string {
  const shown = text
    .slice(0, MAX_CHARACTERS)
    .replace(NOT_XML, '\ufffd')
    .replace(/\r\n?/g, '\n')
    .replace(EXCEL_ESCAPE, '_x005F_')
  const xml = shown.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<c r="${place}"${style === undefined ? '' : ` s="${style}"`} t="inlineStr"><is><t xml:space="preserve">${xml}</t></is></c>`
}

// --- internal ---

const MS_PER_DAY = 86_400_000
const DAYS_BEFORE_1970 = 25_569
/** Before it, Excel counts a day that never was, and it knows no day before 1900. */
const FIRST_DAY = '1900-03-01'
const LARGEST_INTEGER = 999_999_999_999_999

const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** Characters that XML 1.0 does not allow, and halves of characters. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
/** Excel takes `_x0041_` for `A`. */
const EXCEL_ESCAPE = /_(?=x[0-9A-Fa-f]{4}_)/g

function kindOf(value: unknown, text: string): Cell['kind'] {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') {
    const fits = Number.isFinite(value) && !(Number.isInteger(value) && Math.abs(value) > LARGEST_INTEGER)
    return fits ? 'number' : 'text'
  }
  if (typeof value !== 'string') return 'text'
  const kind = DAY.test(text) ? 'day' : TIME.test(text) ? 'time' : 'text'
  return kind !== 'text' && isInCalendar(text) ? kind : 'text'
}

/** `Date.parse` reads 30 February as 2 March. */
function isInCalendar(text: string): boolean {
  const time = Date.parse(text)
  return text >= FIRST_DAY && !Number.isNaN(time) && text.startsWith(new Date(time).toISOString().slice(0, 10))
}
