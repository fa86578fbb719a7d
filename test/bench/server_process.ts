/** An identity provider and a GraphQL endpoint on one port of loopback; steered by the process that started it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { setTimeout } from 'node:timers'
import { createAnswers } from './answers.ts'
import type { Conditions } from './servers.ts'

const NONE = { token: 0, discovery: 0, graphql: 0, mutations: 0, connections: 0 }

let counts = { ...NONE }
let latencyMs = 0
let answers = createAnswers(100)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = answerTo(request, Buffer.concat(chunks).toString())
    if (latencyMs > 0) setTimeout(() => send(response, body), latencyMs)
    else send(response, body)
  })
})
server.keepAliveTimeout = 60_000
server.on('connection', (socket) => {
  counts.connections++
  socket.setNoDelay(true)
})
server.listen(0, '127.0.0.1', () => process.send!(urlOf()))

process.on('message', (message: Conditions | 'counts') => {
  if (message !== 'counts') {
    latencyMs = message.latencyMs
    answers = createAnswers(message.total ?? 100)
    counts = { ...NONE }
  }
  process.send!(counts)
})
process.on('disconnect', () => process.exit())

function urlOf(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The body of the answer; undefined for a request that nobody should send. */
function answerTo(request: IncomingMessage, body: string): string | undefined {
  switch (`${request.method} ${request.url}`) {
    case 'GET /.well-known/openid-configuration':
      counts.discovery++
      return JSON.stringify({ issuer: `${urlOf()}/`, token_endpoint: `${urlOf()}/oauth/token` })
    case 'POST /oauth/token':
      counts.token++
      return JSON.stringify({ access_token: 'token-of-the-benchmark', token_type: 'Bearer', expires_in: 86_400 })
    case 'POST /wfgen/graphql': {
      if (request.headers.authorization !== 'Bearer token-of-the-benchmark') return undefined
      const answer = answers(body)
      counts.graphql++
      counts.mutations += answer.mutations
      return answer.body
    }
    default:
      return undefined
  }
}

function send(response: ServerResponse, body: string | undefined): void {
  const text = body ?? 'Nobody should ask for this.'
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': body === undefined ? 'text/plain' : 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
