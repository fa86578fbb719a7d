/** Asks for the missing arguments of a task, and shows the command line that gives the same ones. */
import { runsInCi } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { canAsk, createPrompts, type Prompts } from '../host/prompts.ts'
import { typedWord } from '../host/user_shell.ts'
import { convertFor } from '../tasks/arguments/convert.ts'
import { typedWords } from '../tasks/arguments/example.ts'
import { isSwitch, type Parameter, written } from '../tasks/arguments/schema.ts'
import type { AskedArguments } from '../tasks/arguments/script_arguments.ts'

/** Asks nothing without a terminal or in a CI. */
export async function askArguments(host: Host, asked: AskedArguments): Promise<Record<string, unknown>> {
  if (!canAsk(host) || runsInCi(host.env)) return {}
  const prompts = createPrompts(host, { signal: asked.signal, noColor: asked.noColor })
  const answers = await answersTo(prompts, asked)
  const words = asked.missing.flatMap((parameter) => {
    return typedWords(parameter, parameter.secret ? '[secret]' : answers[parameter.key])
  })
  const line = [asked.command, ...asked.argv.map((word) => typedWord(word)), ...words].join(' ')
  await host.stderr.write(`\nThe same again: ${line}\n\n`)
  return answers
}

export async function answersTo(
  prompts: Prompts,
  { missing, problemOf }: Pick<AskedArguments, 'missing' | 'problemOf'>,
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {}
  for (const parameter of missing) {
    const { description, flag, key, positional } = parameter
    const name = positional ? written(parameter) : flag
    const message = description === undefined ? name : `${name}: ${description}`
    answers[key] = await answerTo(prompts, parameter, message, problemOf)
  }
  return answers
}

// --- internal ---

async function answerTo(
  prompts: Prompts,
  parameter: Parameter,
  message: string,
  problemOf: AskedArguments['problemOf'],
): Promise<unknown> {
  const { choices, multiple } = parameter
  if (isSwitch(parameter)) return prompts.confirm({ message, initial: false })
  if (choices && !multiple) {
    const options = choices.map((choice) => ({ value: String(choice), label: String(choice) }))
    return convert(parameter, await prompts.select({ message, choices: options }))
  }
  const read = (text: string) => {
    const parts = text.split(',').map((part) => part.trim())
    return multiple ? parts.filter(Boolean).map((part) => convert(parameter, part)) : convert(parameter, text)
  }
  const question = {
    message: multiple ? `${message} (separate several with commas)` : message,
    check(answer: string) {
      if (answer === '') return 'it is required'
      const unusable = (multiple ? answer.split(',') : [answer]).map((part) => convertFor(parameter, part.trim()))
      const problem = unusable.find((each) => 'expected' in each)
      return problem && 'expected' in problem ? `needs ${problem.expected}` : problemOf(parameter, read(answer))
    },
  }
  if (parameter.secret) return read(await prompts.password(question))
  const example = parameter.label === parameter.kind ? undefined : parameter.label
  return read(await prompts.text({ ...question, example }))
}

function convert(parameter: Parameter, text: string): unknown {
  const converted = convertFor(parameter, text)
  return 'value' in converted ? converted.value : text
}
