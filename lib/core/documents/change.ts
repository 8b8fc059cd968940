/** Who changed what, for whoever asks later. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'
import { type Difference, differences } from './canonical.ts'

const Field = z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })

export const Change = z.object({
  at: Instant,
  actor: z.string(),
  what: z.enum(['created', 'edited', 'deleted', 'snoozed', 'snooze-ended']),
  /** The version that it made; of a deletion, the one that was deleted. */
  version: z.int(),
  /** Fields that differ, the first fifty, long values cut short. */
  fields: z.array(Field),
})
export type Change = z.infer<typeof Change>

const MOST_FIELDS = 50
const LONGEST_VALUE = 500

const short = (value: unknown): unknown => {
  const text = JSON.stringify(value)
  return text === undefined || text.length <= LONGEST_VALUE ? value : `${text.slice(0, LONGEST_VALUE)}…`
}
const shortened = ({ path, before, after }: Difference): Difference => ({
  path,
  ...(before === undefined ? {} : { before: short(before) }),
  ...(after === undefined ? {} : { after: short(after) }),
})

const OURS = new Set(['createdAt', 'updatedAt', 'updatedBy', 'version', 'nextDueAt'])

/** Where two versions of a document differ, in what a person said. */
const changedFields = (before: object | null, after: object | null): Difference[] =>
  differences(before ?? {}, after ?? {})
    .filter(({ path }) => !OURS.has(path))
    .slice(0, MOST_FIELDS)
    .map(shortened)

export interface Changing extends Pick<Change, 'what' | 'actor' | 'version'> {
  before: object | null
  after: object | null
}
export const changeOf = ({ before, after, ...rest }: Changing, now: number): Change => ({
  at: new Date(now).toISOString(),
  ...rest,
  fields: changedFields(before, after),
})

/** Changes of a thing stand in order of their instants: each is later than the one it follows, whatever the clocks say. */
export const following = (change: Change, lastAt: string | undefined): Change =>
  lastAt === undefined || change.at > lastAt
    ? change
    : { ...change, at: new Date(Date.parse(lastAt) + 1).toISOString() }
