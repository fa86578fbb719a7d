/** Opaque ids: base64 of `Type:number`. */
import { GraphQLError } from '../graphql/graphql_library.ts'

export type IdType = 'User' | 'Process' | 'Activity' | 'Request' | 'Action' | 'Data'

export function encodeId(type: IdType, number: number): string {
  return Buffer.from(`${type}:${number}`).toString('base64')
}

/** @throws {GraphQLError} when it is none */
export function decodeId(id: string): { type: string; number: number } {
  const [, type, number] = /^([A-Za-z]+):(\d+)$/.exec(Buffer.from(id, 'base64').toString('utf8')) ?? []
  if (type === undefined) throw new GraphQLError(`Cannot read the id "${id}": it is not one that this server gave.`)
  return { type, number: Number(number) }
}

/** The number in an id of `type`. @throws {GraphQLError} when it is of another type */
export function numberOfId(id: string, type: IdType): number {
  const decoded = decodeId(id)
  if (decoded.type !== type)
    throw new GraphQLError(`Cannot use the id "${id}": it is of type ${decoded.type}, not ${type}.`)
  return decoded.number
}
