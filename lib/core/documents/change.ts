/** The history of changes: actor, time and fields. */

import * as z from 'zod'
import { Instant } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Difference, fieldDifferences } from './canonical.ts'

const Field = z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })

export const Change = z.object({
  at: Instant,
  actor: z.string(),
  what: z.enum(['created', 'edited', 'deleted', 'snoozed', 'snooze-ended', 'delayed']),
  /** The version that it made; of a deletion, the one that was deleted. */
  version: z.int(),
  /** Fields that differ, the first fifty, long values cut short. */
  fields: z.array(Field),
})
export type Change = z.infer<typeof Change>

const MAX_FIELDS = 50
const MAX_VALUE_LENGTH = 500

const shortValue = (value: unknown): unknown => {
  const text = JSON.stringify(value)
  return text === undefined || text.length <= MAX_VALUE_LENGTH ? value : `${text.slice(0, MAX_VALUE_LENGTH)}…`
}
const shortenDifference = ({ path, before, after }: Difference): Difference => ({
  path,
  ...(before === undefined ? {} : { before: shortValue(before) }),
  ...(after === undefined ? {} : { after: shortValue(after) }),
})

const OURS = new Set([
  'createdAt',
  'updatedAt',
  'updatedBy',
  'version',
  'nextDueAt',
  'nextStartDueAt',
  'nextWarnAt',
  'covers',
  'coversAt',
  'warnsEarly',
  'snoozedAt',
])

/** Where two versions of a document differ, in what a person said. */
const changedFields = (before: object | null, after: object | null): Difference[] =>
  fieldDifferences(before ?? {}, after ?? {})
    .filter(({ path }) => !OURS.has(path))
    .slice(0, MAX_FIELDS)
    .map(shortenDifference)

export interface Changing extends Pick<Change, 'what' | 'actor' | 'version'> {
  before: object | null
  after: object | null
}
export const newChange = ({ before, after, ...rest }: Changing, now: number): Change => ({
  at: isoInstant(now),
  ...rest,
  fields: changedFields(before, after),
})

/** Changes of a thing stand in order of their instants: each is later than the one it follows, whatever the clocks say. */
export const orderAfter = (change: Change, lastAt: string | undefined): Change =>
  lastAt === undefined || change.at > lastAt
    ? change
    : { ...change, at: new Date(Date.parse(lastAt) + 1).toISOString() }
