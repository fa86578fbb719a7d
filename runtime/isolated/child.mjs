/** The program of the process of an isolated script. It never runs anything of the repository by itself. */
import { load } from '../prepared/prepared.mjs'

const { runIsolated } = await load('compose.ts')
// Not awaited: a script that waits for nothing would otherwise hang.
void runIsolated()
