/** Where a list goes on: opaque to whoever holds it, good for the one list it came from. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { fail } from './problem.ts'

const Place = z.record(z.string(), z.union([z.string(), z.int()]))
type Place = z.infer<typeof Place>

/** The list with its filters is part of the sum: a cursor leads nowhere in another list. */
const sum = (list: string, payload: string): string =>
  createHash('sha256').update(`${list}\n${payload}`).digest('base64url').slice(0, 16)

export function cursorText(list: string, place: Record<string, unknown>): string {
  const payload = Buffer.from(JSON.stringify(Place.parse(place))).toString('base64url')
  return `${payload}.${sum(list, payload)}`
}

/** Throws 400: it was changed, or leads nowhere in this list. */
export function refuseCursor(): never {
  const message = 'expected a nextCursor of this very list, with the same filters'
  return fail(400, `cursor: ${message}`, [{ path: 'cursor', message }])
}

function placeOf(payload: string): Place {
  try {
    return Place.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  } catch {
    return refuseCursor()
  }
}

/** Throws 400 for a cursor that was changed, or belongs to another list or other filters. */
export function cursorPlace(list: string, text: string | undefined): Place | undefined {
  if (text === undefined) return undefined
  const [payload = '', check] = text.split('.')
  return check === sum(list, payload) ? placeOf(payload) : refuseCursor()
}
