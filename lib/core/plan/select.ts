/** Decides for one server whether a policy targets it, skips it with a reason, or is not about it. */
import { ACTIONS, type Action, isDone } from '../model/action.ts'
import { NO_SCALING_GROUPS, type ScalingGroups, type Server } from '../model/cloud.ts'
import { globTest } from '../model/glob.ts'
import type { Policy } from '../model/model.ts'
import type { OutcomeCode } from '../model/outcome.ts'
import type { Exclude, Selector } from '../model/policy/selector.ts'
import { skipMember } from './scaling-groups.ts'
import type { ServerSnoozes } from './server-snooze.ts'
import { SNOOZE_TAG, skipBySnooze } from './snooze.ts'

/** A server that is left alone, and why: the code for programs, the reason for people. */
export interface Skip {
  code: OutcomeCode
  reason: string
}
/** `null`: the selector does not match it. */
export type Decision = { kind: 'target' } | ({ kind: 'skip' } & Skip) | null

/** What selecting needs of a policy or of an ad hoc run. */
export type Selecting = Pick<Policy, 'kind' | 'selector' | 'exclude'> & {
  /** Without one, dates are read in UTC. */
  schedule?: { timeZone: string }
  /** What its servers are selected for; a stop where nothing is said. */
  action?: Action
  /** Snoozes of single servers that Curfew keeps; none where they are left out. */
  snoozes?: ServerSnoozes
  /** Ids of servers whose stop is still under way: a start waits for them. */
  awaiting?: ReadonlySet<string>
  /** The policy that keeps a server off now; `null`: none. */
  holdsOff?: (server: Server) => string | null
  /** Servers that a later run by hand wants off, each with that run's id. */
  offByHand?: ReadonlyMap<string, string>
}

const PROTECT_TAG = 'curfew-protect'
export const NO_FORCE_TAG = 'curfew-no-force'
/** The tags of servers that mean something here, whatever a policy says. */
export const OUR_TAGS = [PROTECT_TAG, NO_FORCE_TAG, SNOOZE_TAG]

type Test = (server: Server) => boolean

/** The values that are wanted of a tag: none named is any. */
const hasWanted = (values: string[], wanted: Set<string>): boolean =>
  wanted.size === 0 || values.some(value => wanted.has(value))

const wantedTags = (tags: Record<string, string[]>): Map<string, Set<string>> =>
  new Map(Object.entries(tags).map(([key, values]) => [key, new Set(values)]))

function everyTag(tags: Record<string, string[]>): Test {
  const wanted = [...wantedTags(tags)]
  return ({ unreadable, tags: own }) =>
    // It may have the tags: omitted from the selection, it would be overlooked in silence.
    unreadable !== undefined ||
    wanted.every(([key, values]) => Object.hasOwn(own, key) && hasWanted(own[key]!, values))
}

/** Goes by the tags of the server, which are few, however many are named. */
function anyTag(tags: Record<string, string[]>): Test {
  const wanted = wantedTags(tags)
  return server =>
    Object.entries(server.tags).some(([key, values]) => {
      const named = wanted.get(key)
      return named !== undefined && hasWanted(values, named)
    })
}

function identityTests({ ids, name }: Exclude): Test[] {
  const wanted = ids && new Set(ids)
  const isNamed = name === undefined ? undefined : globTest(name)
  return [
    ...(wanted ? [({ id }: Server) => wanted.has(id)] : []),
    ...(isNamed ? [(server: Server) => isNamed(server.name)] : []),
  ]
}

/** Every given condition of the selector holds. */
export function selectorTest(selector: Selector): Test {
  const { tags, enterpriseProjectId: project } = selector
  const tests = identityTests(selector)
  if (tags) tests.push(everyTag(tags))
  if (project !== undefined) tests.push(server => server.enterpriseProjectId === project)
  return server => tests.every(test => test(server))
}

/** Any of the given conditions holds. */
export function excludeReason(exclude: Exclude): Test {
  const tests = [...identityTests(exclude), ...(exclude.tags ? [anyTag(exclude.tags)] : [])]
  return server => tests.some(test => test(server))
}

/** Why a server must not be asked by any run; in this order, the first that holds. */
function skipAnyway(
  { kind, exclude, schedule, action = 'stop', snoozes }: Selecting,
  now: number,
): (server: Server) => Skip | null {
  const isExcluded = excludeReason(exclude)
  const timeZone = schedule?.timeZone ?? 'UTC'
  const { heedsTags } = ACTIONS[action]
  return server => {
    if (server.unreadable !== undefined)
      return {
        code: 'unreadable',
        reason: `the cloud's answer about ${server.unreadable} cannot be read, and it may be protected: left alone to be safe`,
      }
    if (heedsTags && PROTECT_TAG in server.tags)
      return { code: 'protected', reason: `it carries the tag ${PROTECT_TAG}` }
    if (isExcluded(server)) return { code: 'excluded', reason: 'the policy excludes it' }
    const snooze = heedsTags ? skipBySnooze(server, { timeZone, snoozes, now }) : null
    if (snooze) return snooze
    if (server.kind === kind) return null
    return { code: 'wrong-kind', reason: `it is ${server.kind}, the policy is for ${kind}` }
  }
}

/** Why a server in this state is not asked: it is there already, or a request would be refused or do harm. */
function skipByState(server: Server, { action = 'stop', awaiting }: Selecting): Skip | null {
  const { already, unready, from, done, goalWord } = ACTIONS[action]
  if (server.power === 'deleted') return { code: 'deleted', reason: `it is deleted (${server.status})` }
  if (server.inRecycleBin) return { code: 'in-recycle-bin', reason: 'it is in the recycle bin' }
  if (server.frozen) return { code: 'frozen', reason: 'the cloud has frozen it (EcmResStatus freeze)' }
  if (awaiting?.has(server.id)) return null
  if (server.busy !== null) return { code: 'busy', reason: `${server.busy} is under way` }
  if (isDone(action, server))
    return { code: already, reason: `it was ${goalWord} already (${server.status})` }
  if (server.power !== from)
    return { code: unready, reason: `it cannot be ${done}: its status is ${server.status}` }
  if (server.locked) return { code: 'locked', reason: 'it is locked' }
  return null
}

const KEEPS_OFF = 'keeps it off now'
/** What a server is left with that a policy keeps off. */
const heldOffWords = (policyId: string): string => `policy ${policyId} ${KEEPS_OFF}`

/** Whether the reason of an outcome ends with them, for this policy or, where none is named, for any. */
export const isHeldOff = (reason: string, policyId?: string): boolean =>
  reason.endsWith(policyId === undefined ? KEEPS_OFF : heldOffWords(policyId))

function skipHeldOff(server: Server, { holdsOff, offByHand }: Selecting): Skip | null {
  const runId = offByHand?.get(server.id)
  if (runId !== undefined)
    return { code: 'held-off', reason: `run ${runId}, made by hand since, wants it off` }
  const policyId = holdsOff?.(server) ?? null
  return policyId === null ? null : { code: 'held-off', reason: heldOffWords(policyId) }
}

/** What becomes of a server, as it is; `groups`: those that are guarded. */
export type Select = (server: Server, groups?: ScalingGroups) => Decision

/** What one policy does with a server, as it is at `now` (ms since the epoch). Cheap to ask for each of a million. */
export function createSelection(selecting: Selecting, now: number): Select {
  const matches = selectorTest(selecting.selector)
  const leave = skipAnyway(selecting, now)
  return (server, groups = NO_SCALING_GROUPS) => {
    if (!matches(server)) return null
    const left =
      leave(server) ??
      skipMember(server, groups) ??
      skipByState(server, selecting) ??
      skipHeldOff(server, selecting)
    return left ? { kind: 'skip', ...left } : { kind: 'target' }
  }
}
