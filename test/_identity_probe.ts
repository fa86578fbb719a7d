/** Says who it is, and whether it takes the process that it is told of for ended. */
import process from 'node:process'
import { systemHost } from '../runtime/host/host.ts'
import { hasEnded, ownIdentity } from '../runtime/host/process_identity.ts'

const host = systemHost()
const other = JSON.parse(process.argv[2]!)
process.stdout.write(JSON.stringify({ own: ownIdentity(host), ended: hasEnded(host, other) }))
