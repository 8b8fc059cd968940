/** Where a list goes on: opaque to its holder, good for the one list it came from. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { throwProblem } from '../problem.ts'

const CursorPlace = z.record(z.string(), z.union([z.string(), z.int()]))
type CursorPlace = z.infer<typeof CursorPlace>

/** The list with its filters is part of the sum: a cursor leads nowhere in another list. */
const cursorChecksum = (list: string, payload: string): string =>
  createHash('sha256').update(`${list}\n${payload}`).digest('base64url').slice(0, 16)

export function cursorText(list: string, place: Record<string, unknown>): string {
  const payload = Buffer.from(JSON.stringify(CursorPlace.parse(place))).toString('base64url')
  return `${payload}.${cursorChecksum(list, payload)}`
}

/** Throws 400: it was changed, or leads nowhere in this list. */
export function refuseCursor(): never {
  const message = 'expected a nextCursor of this very list, with the same filters'
  return throwProblem(400, `cursor: ${message}`, [{ path: 'cursor', message }])
}

function parsePlace(payload: string): CursorPlace {
  try {
    return CursorPlace.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  } catch {
    return refuseCursor()
  }
}

/** Throws 400 for a cursor that was changed, or belongs to another list or other filters. */
export function cursorPlace(list: string, text: string | undefined): CursorPlace | undefined {
  if (text === undefined) return undefined
  const [payload = '', check] = text.split('.')
  return check === cursorChecksum(list, payload) ? parsePlace(payload) : refuseCursor()
}
