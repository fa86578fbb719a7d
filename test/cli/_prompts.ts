/** Somebody who answers as a test says. */
import * as assert from 'uvu/assert'
import { type Prompts, WentBack } from '../../runtime/host/prompts.ts'

/** Typed at a question, it leads to the one before. */
export const ESC = '\u001b'

/** Part of the question, and the answer; a text that is not accepted is followed by the reason and the next answer. */
export type Answer = readonly [asked: string, ...answers: (string | boolean | { refused: RegExp })[]]

export interface Answering extends Prompts {
  /** Asserts that all was asked. */
  done(): void
  /** Every question, its example and what was in the line already, in order. */
  readonly questions: readonly { message: string; initial?: unknown }[]
}

export function answering(answers: readonly Answer[]): Answering {
  const left = [...answers]
  const questions: { message: string; initial?: unknown }[] = []
  const next = (question: { message: string; initial?: unknown; mayGoBack?: boolean }) => {
    questions.push({ message: question.message, initial: question.initial })
    const [asked, ...given] = left.shift() ?? ['nothing more']
    assert.ok(question.message.includes(asked), `${JSON.stringify(question.message)} where "${asked}" was expected`)
    if (given[0] === ESC && question.mayGoBack) throw new WentBack()
    return given
  }
  const text: Prompts['text'] = async (question) => {
    const given = next(question)
    for (const [index, answer] of given.entries()) {
      const refused = given[index + 1]
      if (typeof answer !== 'string') continue
      const problem = question.check?.(answer)
      if (typeof refused !== 'object') {
        assert.is(problem, undefined)
        return answer
      }
      assert.match(problem ?? 'accepted', refused.refused)
    }
    throw new Error(`no answer left for ${JSON.stringify(question.message)}`)
  }
  return {
    text,
    password: text,
    async select(question) {
      const [value] = next(question)
      const choice = question.choices.find((each) => each.value === value)
      assert.ok(choice, `no choice ${value}`)
      return choice!.value
    },
    async selectSome(question) {
      const given = next(question)
      return question.choices.map(({ value }) => value).filter((value) => given.includes(value))
    },
    confirm: async (question) => next(question)[0] as boolean,
    async search(question) {
      return this.select(question)
    },
    done: () => assert.equal(left, []),
    questions,
  }
}
