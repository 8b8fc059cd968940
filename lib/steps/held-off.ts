/** Finds out which servers other policies or persons keep off: before starts are planned, and before each later request of theirs. */
import type { StoredPolicy } from '../core/model/model.ts'
import { FIRST_OUTCOME } from '../core/model/outcome.ts'
import { type Run, undoId } from '../core/model/run.ts'
import { holdsOff } from '../core/plan/off-wins.ts'
import type { Rules } from '../core/plan/rules.ts'
import type { BaseServices } from '../runtime/services/base.ts'
import { readSnoozes } from './snoozes.ts'

/** Rows of a list: runs of other connections are passed over unread. */
const PAGE_SIZE = 100
/** A start that is planned sooner than this after it was due has waited for nothing: no stop by hand came after it. */
const WAITED_MS = 60_000

interface Ruled {
  run: Run
  rules: Rules
}

/** The policies that are about a connection, disabled ones too. */
export type PolicyReader = (connection: string) => Promise<StoredPolicy[]>

/** Reads them once for all runs that are planned together. */
export function readPoliciesOnce(services: BaseServices): PolicyReader {
  const known = new Map<string, Promise<StoredPolicy[]>>()
  return connection => {
    const policies = known.get(connection) ?? policiesAbout(connection, services)
    known.set(connection, policies)
    return policies
  }
}

/** Runs of one connection and kind; the starts that a schedule made leave to other policies what these keep off now. */
export async function heedOffWindows<One extends Ruled>(
  all: One[],
  services: BaseServices,
  readPolicies = readPoliciesOnce(services),
): Promise<One[]> {
  const [first] = all.filter(isScheduledStart)
  if (first === undefined) return all
  const policies = await readPolicies(first.run.connection)
  return all.map(one => {
    const { run, rules } = one
    if (!isScheduledStart(one) || run.policyId === undefined) return one
    const own = { id: run.policyId, connection: run.connection, kind: run.kind }
    // Clocks differ: by one that is late, a policy that starts at the same time would seem to keep servers off.
    const nowMs = Math.max(services.now(), Date.parse(run.dueAt))
    return { ...one, rules: { ...rules, holdsOff: holdsOff(policies, own, nowMs) } }
  })
}

/** A start that was caught up, or had to wait with its planning, leaves off what a person stopped by hand meanwhile. */
export async function heedStopsByHand<One extends Ruled>(all: One[], services: BaseServices): Promise<One[]> {
  const hasWaited = ({ run: { action, dueAt } }: One): boolean =>
    action === 'start' && services.now() >= Date.parse(dueAt) + WAITED_MS
  const heeding: One[] = []
  for (const one of all) {
    if (!hasWaited(one)) heeding.push(one)
    else heeding.push({ ...one, rules: { ...one.rules, offByHand: await offByHandSince(one.run, services) } })
  }
  return heeding
}

/** The rules of one run, the same way; what a person stopped by hand since a start was due stays off, too. */
export async function rulesByPolicies({ run, rules }: Ruled, services: BaseServices): Promise<Rules> {
  if (run.action !== 'start') return rules
  const [heeding] = await heedOffWindows([{ run, rules }], services)
  return { ...heeding!.rules, offByHand: await offByHandSince(run, services) }
}

/** Reads the rules of runs as they are before a repeated request, server snoozes among them: once for all chunks of a run. */
export function readRulesOnce(services: BaseServices): (one: Ruled) => Promise<Rules> {
  const known = new Map<string, Promise<Rules>>()
  return one => {
    const rules = known.get(one.run.id) ?? rulesBeforeRepeat(one, services)
    known.set(one.run.id, rules)
    return rules
  }
}

async function rulesBeforeRepeat(one: Ruled, services: BaseServices): Promise<Rules> {
  const [rules, snoozes] = await Promise.all([rulesByPolicies(one, services), readSnoozes(one.run, services)])
  return { ...rules, snoozes }
}

/** Whether a run is a stop by hand that nobody cancelled. */
const isStopByHand = ({ action, trigger, dryRun, cancel }: Run): boolean =>
  action === 'stop' && trigger === 'manual' && !dryRun && !cancel

/** Servers that stops by hand saw off after a start was due, and that were not undone, each with the run. */
async function offByHandSince(start: Run, { store }: BaseServices): Promise<Map<string, string>> {
  const { connection, kind, dueAt } = start
  const isLater = (run: Run): boolean => isStopByHand(run) && run.kind === kind && run.createdAt > dueAt
  const off = new Map<string, string>()
  for await (const page of store.runPages({ connection, since: dueAt, most: PAGE_SIZE }))
    for (const { id, planning } of page.filter(isLater)) {
      if (await store.run(undoId(id, 1))) continue
      for await (const part of store.outcomes({ runId: id, planning }, FIRST_OUTCOME))
        for (const { outcome } of part)
          if (outcome.status === 'stopped' || outcome.code === 'already-stopped')
            off.set(outcome.serverId, id)
    }
  return off
}

const isScheduledStart = ({ run: { action, trigger } }: Pick<Ruled, 'run'>): boolean =>
  action === 'start' && trigger === 'schedule'

/** What cannot be read keeps nothing off: no run stops servers by it either. */
async function policiesAbout(connection: string, { store, log }: BaseServices): Promise<StoredPolicy[]> {
  const policies: StoredPolicy[] = []
  const ids = await store.policyIdsOf([connection])
  for await (const rows of store.policiesByIds(ids))
    for (const row of rows)
      if ('item' in row) policies.push(row.item)
      else log.warn('a policy that cannot be read keeps no server off', { policy: row.unreadable })
  return policies
}
