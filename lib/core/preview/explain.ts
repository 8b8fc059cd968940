/** Why a policy would stop a server now, or would not. */

import { quoteValue } from '../documents/problem.ts'
import type { ScalingGroups, Server } from '../model/cloud.ts'
import type { ConnectionPolicy } from '../model/model.ts'
import type { Exclude, Selector } from '../model/policy/selector.ts'
import { createSelection, selectorTest } from '../plan/select.ts'
import type { ServerSnoozes } from '../plan/server-snooze.ts'
import { type Guard, withheldNow } from '../stop/stop.ts'

interface ExplainedCondition {
  /** Such as `selector.tags.env`. */
  condition: string
  holds: boolean
  expected: string
  /** What the server has. */
  found: string
}
/** Of more conditions than this the first are shown. */
const MAX_CONDITIONS = 1000

interface Explanation {
  wouldStop: boolean
  /** Why not; `target` when it would. */
  code: string
  reason: string
  conditions: ExplainedCondition[]
}

const anyOf = (values: string[]): string =>
  values.length === 0 ? 'any value' : values.map(quoteValue).join(' or ')

function excludeConditions(
  { ids, tags = {}, name }: Exclude,
  server: Server,
): Omit<ExplainedCondition, 'holds'>[] {
  return [
    ...(ids ? [{ condition: 'ids', expected: `one of ${ids.length} ids`, found: server.id }] : []),
    ...Object.entries(tags).map(([key, values]) => ({
      condition: `tags.${key}`,
      expected: anyOf(values),
      found: Object.hasOwn(server.tags, key)
        ? server.tags[key]!.map(quoteValue).join(' and ')
        : 'no such tag',
    })),
    ...(name === undefined
      ? []
      : [{ condition: 'name', expected: `like ${quoteValue(name)}`, found: quoteValue(server.name) }]),
  ]
}

/** One condition of a selector, as a selector of its own. */
const singleCondition = (selector: Selector, condition: string): Selector =>
  condition.startsWith('tags.')
    ? { tags: { [condition.slice(5)]: selector.tags![condition.slice(5)]! } }
    : { [condition]: selector[condition as keyof Selector] }

function explainConditions(
  part: 'selector' | 'exclude',
  selector: Selector,
  server: Server,
): ExplainedCondition[] {
  const { all, enterpriseProjectId: project } = selector
  const own: Omit<ExplainedCondition, 'holds'>[] = [
    ...excludeConditions(selector, server),
    ...(project === undefined
      ? []
      : [
          {
            condition: 'enterpriseProjectId',
            expected: quoteValue(project),
            found: quoteValue(server.enterpriseProjectId),
          },
        ]),
  ]
  return [
    ...(all
      ? [{ condition: `${part}.all`, holds: true, expected: 'every server of the kind', found: server.kind }]
      : []),
    ...own.map(one => ({
      ...one,
      condition: `${part}.${one.condition}`,
      holds: selectorTest(singleCondition(selector, one.condition))(server),
    })),
  ]
}

function failingText(found: ExplainedCondition[]): string {
  const [first, ...others] = found.filter(
    ({ condition, holds }) => condition.startsWith('selector.') && !holds,
  )
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `${first?.condition}: expected ${first?.expected}, found ${first?.found}${more}`
}

/** `groups`: those that are guarded; `snoozes`: those of single servers of the connection. */
type Around = Guard & { groups?: ScalingGroups; snoozes?: ServerSnoozes }

/** `server`: as it is now; `null` when the cloud does not know it. */
export function explainServer(policy: ConnectionPolicy, server: Server | null, around: Around): Explanation {
  const no = (code: string, reason: string, conditions: ExplainedCondition[]): Explanation => ({
    wouldStop: false,
    code,
    reason,
    conditions: conditions.slice(0, MAX_CONDITIONS),
  })
  if (!server)
    return no(
      'not-found',
      'the cloud knows no server with this id; of a name, GET /v1/runs/{id}/servers?name=… tells the id',
      [],
    )
  const found = [
    ...explainConditions('selector', policy.selector, server),
    ...explainConditions('exclude', policy.exclude, server),
  ]
  const decision = createSelection({ ...policy, snoozes: around.snoozes }, around.now)(server, around.groups)
  if (decision === null) return no('not-selected', failingText(found), found)
  if (decision.kind === 'skip') return no(decision.code, decision.reason, found)
  const refused = withheldNow(policy, around)
  if (refused) return no(refused.code, refused.reason, found)
  const reason = 'it matches the selector, and nothing keeps it'
  return { wouldStop: true, code: 'target', reason, conditions: found.slice(0, MAX_CONDITIONS) }
}
