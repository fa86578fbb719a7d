/** Reads a number in a text. A text that could mean two numbers is refused. */
import { UsageError } from '#wfg'

/**
 * Reads a number such as `1234.5`, `1,234.50` or `1 234.50`; if it can have a decimal comma, also one such as `1234,5`,
 * `1.234,50` or `1 234,50`. One such as `1,234`, whose only mark could be for thousands or decimals, is refused. So is
 * `1.234` if there can be a decimal comma.
 *
 * @throws {UsageError} that says what is wrong with the text
 */
export function readNumber(cell: string, decimalComma: boolean): number {
  const text = cell.trim()
  const withPoint = WITH_POINT.exec(text)
  const found = withPoint ?? (decimalComma ? WITH_COMMA.exec(text) : null)
  if (!found) throw new UsageError(`it is not a number; expected one such as 1234.5${decimalComma ? ' or 1234,5' : ''}`)
  if ((decimalComma ? /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/ : /^[+-]?[1-9]\d{0,2},\d{3}$/).test(text)) {
    throw new UsageError(
      `the separator could be for thousands or decimals; expected 1234, or one more digit such as 1${decimalComma ? ',' : '.'}2340`,
    )
  }
  if (text.replaceAll(/\D/g, '').replace(/^0+/, '').length > MAX_DIGITS) {
    throw new UsageError(`it has more digits than a number keeps; expected at most ${MAX_DIGITS}, or a column of text`)
  }
  const [, thousands = ''] = found
  return Number(text.replaceAll(thousands, '').replace(',', '.'))
}

// --- internal ---

/** Digits that a double, which the API uses, always keeps. */
const MAX_DIGITS = 15
/** Spaces, those of French Excel and the apostrophes of Swiss Excel. */
const SPACES = " \u00A0\u202F'’"
const WITH_POINT = pattern(',', '.')
const WITH_COMMA = pattern('.', ',')

/** The pattern of a number. Its first group is what separates the thousands. */
function pattern(thousands: string, decimals: string): RegExp {
  return new RegExp(`^[+-]?(?:\\d+|[1-9]\\d{0,2}([${thousands}${SPACES}])\\d{3}(?:\\1\\d{3})*)(?:\\${decimals}\\d+)?$`)
}
