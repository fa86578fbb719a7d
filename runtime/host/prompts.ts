/** Questions to a person at a terminal, on standard error. The library is loaded for the first one. */
import { Writable } from 'node:stream'
import { Interruption } from '../core/interruption.ts'
import { visible } from '../core/visible.ts'
import type { Host } from './host.ts'

/** Escape at a question that `mayGoBack`. */
export class WentBack extends Error {
  override readonly name = 'WentBack'
}

interface Question {
  readonly message: string
  /** Lines below the message. */
  readonly details?: readonly string[]
  /** True if Escape leads back to the question before. */
  readonly mayGoBack?: boolean
}

export interface TextQuestion extends Question {
  /** Shown until something is typed. */
  readonly example?: string | undefined
  /** The text that the line starts with. */
  readonly initial?: string | undefined
  /** Why the answer is not valid; undefined if it is. The answer comes without spaces around it. */
  check?(answer: string): string | undefined
}

export interface Choice<Value> {
  readonly value: Value
  readonly label: string
  readonly hint?: string | undefined
}

export interface SelectQuestion<Value> extends Question {
  readonly choices: readonly Choice<Value>[]
  readonly initial?: Value | undefined
}

/**
 * Each waits for its answer.
 *
 * @throws {Interruption} with exit code 130 on Ctrl-C, Ctrl-D or Escape
 * @throws {WentBack} on Escape, if the question says so
 */
export interface Prompts {
  /** A line without spaces around it. It may be empty. */
  text(question: TextQuestion): Promise<string>
  /** A line that is not shown. */
  password(question: Omit<TextQuestion, 'initial' | 'example'>): Promise<string>
  select<Value extends string>(question: SelectQuestion<Value>): Promise<Value>
  /** One of many choices, found by typing a part of it. */
  search<Value extends string>(question: SelectQuestion<Value>): Promise<Value>
  /** Some of the choices, of which all are chosen at first. */
  selectSome<Value extends string>(question: Omit<SelectQuestion<Value>, 'initial'>): Promise<Value[]>
  confirm(question: Question & { readonly initial?: boolean }): Promise<boolean>
}

type PromptsHost = Pick<Host, 'stdin' | 'stderr' | 'env' | 'keyboard'>

/** True if there is a person to ask. */
export function canAsk({ stdin, stderr }: Pick<Host, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY && stderr.isTTY
}

/** @param options `signal` ends the question that is being asked */
export function createPrompts(host: PromptsHost, options: { signal: AbortSignal; noColor?: boolean }): Prompts {
  const output = terminalOutput(host.stderr, options.noColor === true || Boolean(host.env['NO_COLOR']))
  const ask = async <Answer>(
    { mayGoBack }: Question,
    question: (library: Library, common: Common) => Promise<Answer | symbol>,
  ): Promise<Answer> => {
    const library = await import('@clack/prompts')
    const input = host.keyboard()
    const left = new AbortController()
    const leave = (): void => left.abort()
    let escaped = false
    const key = (_text: string | undefined, { ctrl, name }: { ctrl?: boolean; name?: string }): void => {
      if (ctrl && name === 'd') leave()
      escaped = name === 'escape'
    }
    input.on('keypress', key).on('end', leave)
    output.write('\n')
    try {
      const signal = AbortSignal.any([options.signal, left.signal])
      const answer = await question(library, { input, output, signal, withGuide: false })
      options.signal.throwIfAborted()
      if (library.isCancel(answer)) throw mayGoBack && escaped ? new WentBack() : new Interruption('Interrupted.', 130)
      return answer as Answer
    } finally {
      input.off('keypress', key).off('end', leave)
      // What is written next, to whichever stream, comes after the question.
      await new Promise((resolve) => output.write('', resolve))
    }
  }
  return {
    text: ({ example, initial, check, ...question }) =>
      ask<string>(question, (library, common) =>
        library.text({
          ...common,
          message: shown(question),
          ...(example === undefined ? {} : { placeholder: visible(example) }),
          ...(initial === undefined ? {} : { initialValue: initial }),
          validate: (answer) => check?.(trimmed(answer)),
        }),
      ).then(trimmed),
    password: ({ check, ...question }) =>
      ask<string>(question, (library, common) =>
        library.password({ ...common, message: shown(question), validate: (answer) => check?.(trimmed(answer)) }),
      ).then(trimmed),
    select: <Value extends string>(question: SelectQuestion<Value>) =>
      ask<Value>(
        question,
        (library, common) =>
          library.select<string>({ ...common, ...selectOptions(question) }) as Promise<Value | symbol>,
      ),
    search: <Value extends string>(question: SelectQuestion<Value>) =>
      ask<Value>(
        question,
        (library, common) =>
          library.autocomplete<string>({ ...common, ...selectOptions(question), maxItems: 10 }) as Promise<
            Value | symbol
          >,
      ),
    selectSome: ({ choices, ...question }) =>
      ask<string[]>(
        question,
        (library, common) =>
          library.multiselect<string>({
            ...common,
            message: shown(question),
            options: choices.map(optionOf),
            initialValues: choices.map(({ value }) => value),
            required: false,
          }) as Promise<string[] | symbol>,
      ) as never,
    confirm: ({ initial = true, ...question }) =>
      ask<boolean>(question, (library, common) =>
        library.confirm({ ...common, message: shown(question), initialValue: initial }),
      ),
  }
}

// --- internal ---

type Library = typeof import('@clack/prompts')

interface Common {
  readonly input: NodeJS.ReadStream
  readonly output: Writable
  readonly signal: AbortSignal
  readonly withGuide: false
}

function shown({ message, details = [] }: Question): string {
  return [visible(message), ...details.map((line) => `   ${visible(line)}`)].join('\n')
}

function selectOptions<Value extends string>({ choices, initial, ...question }: SelectQuestion<Value>) {
  return {
    message: shown(question),
    options: choices.map(optionOf),
    ...(initial === undefined ? {} : { initialValue: initial }),
  }
}

function optionOf<Value extends string>({ value, label, hint }: Choice<Value>) {
  return { value, label: visible(label), ...(hint === undefined ? {} : { hint: visible(hint) }) }
}

function trimmed(answer: string | undefined): string {
  return (answer ?? '').trim()
}

/** The library always uses colours. Cursor movements are other sequences, and stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
const COLOURS = /\u001b\[[\d;]*m/g

function terminalOutput(stderr: Host['stderr'], noColor: boolean): Writable {
  const output = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const text = String(chunk)
      stderr.writeAsIs(noColor ? text.replace(COLOURS, '') : text).then(() => done(), done)
    },
  })
  return Object.defineProperties(output, {
    isTTY: { value: true },
    columns: { get: () => stderr.columns },
  })
}
