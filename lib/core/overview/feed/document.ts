/** Calendars of due times that others subscribe to, each by a secret address. */
import * as z from 'zod'
import { globTest } from '../../model/glob.ts'
import { Instant, type Policy } from '../../model/model.ts'
import { Tags } from '../../model/policy/selector.ts'

const PolicyGlob = z.string().regex(/^[a-z0-9*?][a-z0-9*?-]{0,62}$/, {
  error: 'expected the id of a policy, or a glob such as nightly-*',
})
const MAX_GLOBS = 100

/** What a person says of a feed. */
export const FeedOptions = z.strictObject({
  description: z.string().max(1000).default('').describe('For people: the calendar is called so.'),
  policies: z
    .array(PolicyGlob)
    .min(1)
    .max(MAX_GLOBS)
    .nullable()
    .default(null)
    .describe('Ids of policies, or globs; `null`: whatever their ids are.'),
  tags: Tags.nullable()
    .default(null)
    .describe(
      'Policies alone whose selector names each of these tags, with one of these values; `[]` is any value. `null`: whatever they select.',
    ),
})

export const Feed = z.strictObject({
  ...FeedOptions.shape,
  id: z.string().regex(/^[0-9a-f]{16}$/),
  createdAt: Instant,
  createdBy: z.string().describe('The actor that made it.'),
  /** SHA-256 of its token, in hexadecimal: a reader of the table cannot subscribe. */
  tokenHash: z.string(),
})
export type Feed = z.infer<typeof Feed>

const isExact = (glob: string): boolean => !/[*?]/.test(glob)

/** The policies that a feed names one by one; `null`: by a glob, or not at all. */
export const policiesNamed = ({ policies }: Pick<Feed, 'policies'>): string[] | null =>
  policies?.every(isExact) ? [...new Set(policies)] : null

/** The policies of a feed that must exist: those it names without a glob. */
export const exactPolicies = ({ policies }: Pick<Feed, 'policies'>): string[] =>
  (policies ?? []).filter(isExact)

/** Whether a selector names a tag with one of these values, as far as both say which. */
const namesTag = (named: string[] | undefined, values: string[]): boolean =>
  named !== undefined &&
  (named.length === 0 || values.length === 0 || named.some(value => values.includes(value)))

/** Whether a policy's due times are in a feed. */
export function feedTest({ policies, tags }: Pick<Feed, 'policies' | 'tags'>) {
  const globs = policies?.map(globTest)
  return ({ id, selector }: Pick<Policy, 'id' | 'selector'>): boolean =>
    (globs === undefined || globs.some(matches => matches(id))) &&
    Object.entries(tags ?? {}).every(([key, values]) => namesTag(selector.tags?.[key], values))
}
