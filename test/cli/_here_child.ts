/** `here` in a process of its own, which was started with an authority that it trusts, and is asked for one command line after another. */
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { answerLines, setProxies } from '../_line_child.ts'
import { type HereOptions, here } from './_here.ts'

export interface HereQuestion {
  readonly dir: string
  readonly args: readonly string[]
  readonly options: Omit<HereOptions, 'transport'>
}

await answerLines(({ dir, args, options }: HereQuestion) => {
  setProxies(options.env ?? {})
  return here(dir, args, { ...options, transport: networkHost().transport })
})
