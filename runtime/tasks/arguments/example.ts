/** Examples of command lines. */
import { typedWord } from '../../host/user_shell.ts'
import { isSwitch, type Parameter } from './schema.ts'

/** An example of all required parameters, or of the first parameter if none is required. */
export function exampleOf(parameters: readonly Parameter[]): string {
  const required = parameters.filter((parameter) => parameter.required)
  const chosen = required.length > 0 ? required : parameters.slice(0, 1)
  const flags = chosen.filter((parameter) => !parameter.positional)
  const positionals = chosen.filter((parameter) => parameter.positional)
  return [...flags, ...positionals].map(exampleWords).join(' ')
}

/** An example of one parameter: `--since 2026-11-01`, or the value of a positional. */
export function exampleWords(parameter: Parameter): string {
  if (isSwitch(parameter)) return `--${parameter.flag}`
  const value = exampleValue(parameter)
  return parameter.positional ? value : `--${parameter.flag} ${value}`
}

/** The words that set the parameter to the value: `--since 2026-11-01`, `--open`, or the values of a positional. */
export function typedWords(parameter: Parameter, value: unknown): string[] {
  if (value === undefined) return []
  if (isSwitch(parameter)) return [value === true ? `--${parameter.flag}` : `--no-${parameter.flag}`]
  const texts = (Array.isArray(value) ? value : [value]).map((each) => {
    return typedWord(each instanceof Date ? each.toISOString() : String(each))
  })
  return parameter.positional ? texts : texts.flatMap((text) => [`--${parameter.flag}`, text])
}

// --- internal ---

function exampleValue({ choices, defaultValue, flag, kind, label }: Parameter): string {
  if (choices) return String(choices[0])
  if (['string', 'number', 'bigint'].includes(typeof defaultValue) && defaultValue !== '')
    return typedWord(String(defaultValue))
  if (label.startsWith('date and time')) return '2026-11-01T08:30'
  if (kind === 'date' || label.startsWith('date')) return '2026-11-01'
  return EXAMPLES.find(([start]) => label.startsWith(start))?.[1] ?? flag.toUpperCase()
}

const EXAMPLES: readonly (readonly [start: string, example: string])[] = [
  ['timestamp', '2026-11-01T08:30:00Z'],
  ['time', '08:30'],
  ['week', '2026-W45'],
  ['e-mail', 'ann@example.com'],
  ['URL', 'https://example.com/'],
  ['UUID', '00000000-0000-4000-8000-000000000000'],
  ['number', '10'],
  ['whole', '10'],
  ['bigint', '10'],
]
