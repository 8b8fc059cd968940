/** Who changed what, for whoever asks later. */
import * as z from 'zod'
import { type Difference, differences } from './canonical.ts'
import { Instant } from './model.ts'

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
export const changedFields = (before: object | null, after: object | null): Difference[] =>
  differences(before ?? {}, after ?? {})
    .filter(({ path }) => !OURS.has(path))
    .slice(0, MOST_FIELDS)
    .map(shortened)
