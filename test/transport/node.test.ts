import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createNodeTransport } from '../../runtime/transport/node.ts'
import { withServer } from '../_server.ts'
import { post } from './_exchange.ts'

const nodeTransport = suite('node transport')

const CASES: readonly (readonly [idleMs: number, once: boolean, connection: number])[] = [
  [999, true, 1],
  [1000, true, 1],
  [1001, true, 2],
  [1001, false, 1],
]
for (const [idleMs, once, connection] of CASES) {
  nodeTransport(`send() uses connection ${connection} when idle for ${idleMs} ms and once is ${once}`, async () => {
    let nowMs = 0
    await withServer([{ body: 'a' }, { body: 'b' }], async (server) => {
      const transport = createNodeTransport({ builtin: process.getBuiltinModule, monotonicMs: () => nowMs })
      await transport.send(post(server.url))
      // The connection is given back a turn after the answer.
      await new Promise((resolve) => setImmediate(resolve))
      nowMs = idleMs
      await transport.send(post(server.url, { once }))
      transport.close()
      assert.is(server.requests[1]?.connection, connection)
    })
  })
}

nodeTransport('send() loads only what the protocol needs', async () => {
  const loaded: string[] = []
  const builtin = ((name: string) => {
    loaded.push(name)
    return process.getBuiltinModule(name)
  }) as typeof process.getBuiltinModule
  await withServer([{ body: 'a' }, { body: 'b' }], async (server) => {
    const transport = createNodeTransport({ builtin, monotonicMs: () => 0 })
    assert.equal(loaded, [])
    await transport.send(post(server.url))
    await transport.send(post(server.url))
    transport.close()
    assert.equal(loaded, ['node:http'])
  })
})

nodeTransport.run()
