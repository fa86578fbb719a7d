/** Opaque ids: base64 of `Type:number`. */
import { GraphQLError } from '../graphql/graphql_library.ts'

type IdType = 'User' | 'Process' | 'Activity' | 'Request' | 'Action' | 'Data'

export function encodeId(type: IdType, number: number): string {
  return Buffer.from(`${type}:${number}`).toString('base64')
}

/** @throws {GraphQLError} if it is not an id */
export function decodeId(id: string): { type: string; number: number } {
  const [, type, number] = /^([A-Za-z]+):(\d+)$/.exec(Buffer.from(id, 'base64').toString('utf8')) ?? []
  if (type === undefined) throw new GraphQLError(`"${id}" is not an id of this server.`)
  return { type, number: Number(number) }
}

/** Returns the number in an id. @throws {GraphQLError} if its type is not `type` */
export function numberOfId(id: string, type: IdType): number {
  const decoded = decodeId(id)
  if (decoded.type !== type) throw new GraphQLError(`The id "${id}" is of type ${decoded.type}, not ${type}.`)
  return decoded.number
}
