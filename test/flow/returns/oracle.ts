/**
 * What must be true of each server, by the contract, from documents, persons, outcomes and the cloud's own history. It knows no ledger of
 * the product's. A policy *owes* a server that its run stopped, or that another policy's start left off because of it.
 */
import type { Outcome } from '../../../lib/core/model/outcome.ts'
import { isEnded, type Run } from '../../../lib/core/model/run.ts'
import { at, START } from '../../makers.ts'
import { connectionsOf, HOUR, isAbout, isSelected, matches, serverOf } from './chronicle.ts'
import type { Play } from './play.ts'
import { SERVERS } from './story.ts'

/** What a run saw may be this much older than what it says of it. */
const FRESH_MS = 75_000
/** A run is over by then, whatever the cloud does. */
const LONGEST_MS = 30 * HOUR

interface Debt {
  since: number
  /** Whose outcome says so. */
  runId: string
  /** It did not stop it: another policy's start left it off. */
  isLeft?: true
  /** Since when it is known to have been running again, and whether a run of the same policy, or an ad hoc one, knew. */
  over?: { at: number; isOwn: boolean }
}
interface Told {
  run: Run
  outcome: Outcome
}
interface Ended {
  run: Run
  outcomes: Map<string, Outcome>
}

export type Oracle = ReturnType<typeof createOracle>

export function createOracle({ world, chronicle, tickedAt }: Play) {
  const { simulator, store } = world
  /** By server, and by policy and connection. */
  const debts = new Map(SERVERS.map(({ id }): [string, Map<string, Debt>] => [id, new Map()]))
  /** Runs that were heard, with their outcomes by server. */
  const heard = new Map<string, Ended>()
  const faults: string[] = []
  let checkedAt = START
  const fault = (rule: string, what: string): void => void faults.push(`${rule}: ${what}`)

  /** Whether a server was up at some instant of a span. */
  function wasUp(id: string, from: number, until = from): boolean {
    return simulator
      .usage()
      .some(one => one.serverId === id && one.from <= until && (one.to ?? Infinity) >= from)
  }
  function wasOff(id: string, from: number, until = from): boolean {
    const ups = simulator.usage().filter(one => one.serverId === id)
    return !ups.some(one => one.from < from && (one.to ?? Infinity) > until)
  }
  /** When a server that is off at an instant went off. */
  const offSince = (id: string, ms: number): number =>
    Math.max(
      START,
      ...simulator
        .usage()
        .flatMap(one => (one.serverId === id && one.to !== null && one.to <= ms ? [one.to] : [])),
    )

  const holderOf = ({ policyId, connection }: Pick<Run, 'policyId' | 'connection'>): string =>
    `${policyId} ${connection}`
  const named = ({ run, outcome }: Told): string =>
    `${serverOf(outcome.serverId).name} in ${run.id}: ${outcome.status} ${outcome.code} (${outcome.reason}) at ${outcome.endedAt}`

  /** "`stopped` (seen off by a fresh read after the request), `started` (seen running so)". */
  function checkTruth(told: Told): void {
    const { serverId, status, code, endedAt } = told.outcome
    const ended = Date.parse(endedAt)
    const isTrue =
      status === 'stopped' || code === 'already-stopped'
        ? wasOff(serverId, ended - FRESH_MS, ended)
        : status === 'started' || code === 'already-running'
          ? wasUp(serverId, ended - FRESH_MS, ended)
          : true
    if (!isTrue) fault('truth', named(told))
  }

  /** "What a person had stopped before us was never open and stays off." */
  async function checkMayStart(told: Told): Promise<void> {
    const { run, outcome } = told
    if (outcome.status !== 'started' || !isOfLedger(run)) return
    const requested = Date.parse(outcome.requestedAt!)
    if (!chronicle.isByHand(outcome.serverId, offSince(outcome.serverId, requested))) return
    const debt = debts.get(outcome.serverId)!.get(holderOf(run))
    const over = await overSince(outcome.serverId, debt)
    if (debt === undefined) fault('started what a person stopped', `${named(told)}; nobody owes it`)
    // A run of another policy may have seen it up: docs/starts.md says that this one hears of its own and of ad hoc runs alone.
    else if (over?.isOwn && over.at < Date.parse(run.startedAt ?? run.createdAt))
      fault('started what a person stopped', `${named(told)}; seen up at ${at(over.at)}`)
  }

  /** Whether a run starts what runs of its policy stopped. */
  function isOfLedger({ policyId, undoes, createdAt }: Run): boolean {
    const design = policyId === undefined ? null : chronicle.designAt(policyId, Date.parse(createdAt))
    return undoes === undefined && design !== null && !isSelected(design)
  }

  /** A later look may have seen a server up that a run stopped: `restartedAt`. */
  async function overSince(serverId: string, debt: Debt | undefined): Promise<Debt['over']> {
    if (debt === undefined || debt.isLeft) return debt?.over
    const seen = (await world.outcomes(heard.get(debt.runId)!.run)).get(serverId)?.restartedAt
    return seen === undefined ? debt.over : { at: Date.parse(seen), isOwn: true }
  }

  /** "Off wins": no scheduled start starts what another policy keeps off. */
  function checkOffWins(told: Told): void {
    const { run, outcome } = told
    if (outcome.status !== 'started' || run.trigger !== 'schedule') return
    const requested = Date.parse(outcome.requestedAt!)
    for (const other of chronicle.policies.keys()) {
      if (other === run.policyId) continue
      const [then, before] = [requested, requested - FRESH_MS].map(ms =>
        chronicle.keepsOff(other, run.connection, serverOf(outcome.serverId), ms),
      )
      if (then?.isOfThen && before?.isOfThen)
        fault('off wins', `${named(told)}, though ${other} keeps it off`)
    }
  }

  /** A server that is `held-off` is so for a reason that is true; it is then owed by the policy that is named, too. */
  function hearHeldOff(told: Told): void {
    const { run, outcome } = told
    const ended = Date.parse(outcome.endedAt)
    const [, policyId] = /policy (\S+) keeps it off now/.exec(outcome.reason) ?? []
    const [, runId] = /run (\S+), made by hand since/.exec(outcome.reason) ?? []
    if (policyId !== undefined) {
      const keeps = [ended, ended - FRESH_MS].some(ms =>
        chronicle.keepsOff(policyId, run.connection, serverOf(outcome.serverId), ms),
      )
      if (!keeps) fault('held off for nothing', named(told))
      const owed = debts.get(outcome.serverId)!
      // What was left to it, and it leaves in turn, is the other's by now.
      if (owed.get(holderOf(run))?.isLeft) owed.delete(holderOf(run))
      const other = holderOf({ policyId, connection: run.connection })
      if (owed.get(other)?.over ?? true) owed.set(other, { since: ended, runId: run.id, isLeft: true })
    } else if (runId !== undefined) {
      const stop = heard.get(runId)
      if (stop?.run.trigger !== 'manual' || stop.run.action !== 'stop' || stop.run.createdAt <= run.createdAt)
        fault('held off for nothing', named(told))
    }
  }

  /** It was seen running then: what was owed before is paid. */
  function settle({ run, outcome }: Told, ms: number): void {
    for (const [holder, debt] of debts.get(outcome.serverId)!) {
      if (debt.since > ms || debt.over?.isOwn) continue
      const isOwn = run.policyId === undefined || holder === holderOf(run)
      debt.over = { at: debt.over?.at ?? ms, isOwn }
    }
  }

  async function hear(told: Told): Promise<void> {
    const { run, outcome } = told
    const { serverId, status, code } = outcome
    const ended = Date.parse(outcome.endedAt)
    checkTruth(told)
    await checkMayStart(told)
    checkOffWins(told)
    if (status === 'stopped' || status === 'started' || code === 'already-running') settle(told, ended)
    if (status === 'stopped' && run.policyId !== undefined)
      debts.get(serverId)!.set(holderOf(run), { since: ended, runId: run.id })
    hearHeldOff(told)
  }

  function checkSums({ run, outcomes }: Ended): void {
    const { matched, targets, skipped, stopped, started, failed, unconfirmed } = run.summary
    const count = (status: string) => [...outcomes.values()].filter(one => one.status === status).length
    const isWhole =
      matched === outcomes.size &&
      matched === targets + skipped &&
      targets === stopped + started + failed + unconfirmed
    const isCounted =
      skipped === count('skipped') && stopped === count('stopped') && started === count('started')
    if (!isWhole || !isCounted || failed !== count('failed'))
      fault('sums', `${run.id} ${JSON.stringify(run.summary)} of ${outcomes.size} outcomes`)
    const isEmptied = run.status === 'succeeded' && failed + unconfirmed > 0
    if (isEmptied) fault('sums', `${run.id} succeeded with failures`)
  }

  /** "Outcome, one for each matched server". */
  function checkMatched({ run, outcomes }: Ended): void {
    const design =
      run.policyId === undefined ? null : chronicle.designAt(run.policyId, Date.parse(run.createdAt))
    if (design === null || run.undoes !== undefined) return
    if (run.action === 'start' && !isSelected(design)) return
    for (const server of SERVERS) {
      const outcome = outcomes.get(server.id)
      if (matches(design, run.connection, server) !== (outcome !== undefined && outcome.code !== 'not-found'))
        fault('matched', `${server.name} in ${run.id}`)
    }
  }

  /** "Each due time leaves one run." */
  async function checkDueTimes(until: number): Promise<void> {
    const { items } = await store.runs({ most: 1000 })
    const made = items.filter(run => run.trigger === 'schedule').map(({ id }) => id)
    const wanted = [...chronicle.policies.keys()].flatMap(id =>
      chronicle.everDue(id, until).flatMap(({ action, at: due, design }) => {
        const name = `${id}.${at(due).replace(/[-:]|\.\d+/g, '')}${action === 'start' ? '.start' : ''}`
        const isOne = design.connections.length === 1 && !design.connections[0]!.includes('*')
        return isOne ? [name] : connectionsOf(design).map(connection => `${name}.${connection}`)
      }),
    )
    for (const id of wanted) if (!made.includes(id)) fault('due times', `${id} left no run`)
    for (const id of made) if (!wanted.includes(id)) fault('due times', `${id} was not due`)
  }

  /** Whether the latest start of those who owe a server names it, where that did not start it. */
  function checkNamed(serverId: string, holder: string, debt: Debt, attention: string[]): void {
    const [policyId, connection] = holder.split(' ') as [string, string]
    const starts = [...heard.values()]
      .filter(
        ({ run }) =>
          run.action === 'start' && holderOf(run) === holder && !run.dryRun && run.undoes === undefined,
      )
      .filter(({ run }) => Date.parse(run.dueAt) > debt.since)
    const latest = starts
      .toSorted((one, other) => Date.parse(one.run.dueAt) - Date.parse(other.run.dueAt))
      .at(-1)
    if (latest === undefined) return
    // docs/starts.md: what a policy left that was deleted since, or is about another connection, is nobody's.
    const leaver = debt.isLeft && heard.get(debt.runId)!.run.policyId
    const stands = leaver && chronicle.designAt(leaver, Date.parse(latest.run.createdAt))
    if (leaver && !(stands && isAbout(stands, connection))) return
    const { run, outcomes } = latest
    const outcome = outcomes.get(serverId)
    const then = chronicle.designAt(policyId, Date.parse(run.createdAt))
    // "`selected` starts whatever the selector matches", and an edit may have made that another one.
    if (then && isSelected(then) && !matches(then, connection, serverOf(serverId))) return
    const isBad = ['missed', 'failed', 'blocked', 'partial'].includes(run.status)
    const design = chronicle.designAt(policyId, Date.now())
    const who = `${serverOf(serverId).name}: owed by ${holder} since ${at(debt.since)} (${debt.runId})`
    if (outcome === undefined && run.status !== 'cancelled' && !(isBad && outcomes.size === 0))
      fault('silently off', `${who}, not in ${run.id}, which ${run.status}`)
    const isNamed = outcome === undefined || ['failed', 'unconfirmed'].includes(outcome.status)
    if (isBad && isNamed && design && isAbout(design, connection) && !attention.includes(policyId))
      fault('no attention', `${who}; ${run.id} ${run.status}`)
  }

  /** What Curfew turned off stands in some outcome. */
  function checkClaimed(serverId: string, offAt: number): void {
    const told = [...heard.values()].flatMap(({ outcomes }) => outcomes.get(serverId) ?? [])
    const isTold = told.some(
      one =>
        ['stopped', 'failed', 'unconfirmed'].includes(one.status) &&
        Date.parse(one.endedAt) > offAt - 90 * 60_000,
    )
    if (!isTold) fault('unclaimed', `${serverOf(serverId).name} off since ${at(offAt)}`)
  }

  return {
    faults,
    /** Hears what ended, and checks everything, where nothing goes on; `false` where something does. */
    checkDueTimes: () => checkDueTimes(tickedAt()),
    async check(): Promise<boolean> {
      const now = Date.now()
      const { items } = await store.runs({ most: 1000, since: at(checkedAt - LONGEST_MS) })
      const going = items.filter(run => !isEnded(run))
      for (const { id, createdAt } of going)
        if (now - Date.parse(createdAt) > LONGEST_MS) fault('endless', id)
      if (going.length > 0) return false
      for (const told of await hearRuns(items)) await hear(told)
      checkedAt = now
      await checkOff(now)
      checkProtected()
      return true
    },
  }

  /** The outcomes of runs that were not heard before, in the order in which they came about. */
  async function hearRuns(items: Run[]): Promise<Told[]> {
    const told: Told[] = []
    for (const { id } of items.filter(item => !heard.has(item.id))) {
      const run = (await store.run(id))!
      const isPlanned = run.chunks !== undefined
      const one: Ended = { run, outcomes: isPlanned ? await world.outcomes(run) : new Map() }
      heard.set(id, one)
      if (isPlanned) checkSums(one)
      if (isPlanned) checkMatched(one)
      if (!run.dryRun) for (const outcome of one.outcomes.values()) told.push({ run, outcome })
    }
    return told.toSorted((a, b) => Date.parse(a.outcome.endedAt) - Date.parse(b.outcome.endedAt))
  }

  async function checkOff(now: number): Promise<void> {
    const { body } = await world.ask('GET', '/v1/now')
    const attention = (body.attention as { policyId?: string; code: string; message: string }[])
      .filter(({ message }) => message.startsWith('the start'))
      .map(({ policyId }) => policyId ?? '')
    for (const { id } of SERVERS) {
      if (simulator.server(id)!.status !== 'SHUTOFF') continue
      const offAt = offSince(id, now)
      if (chronicle.isByHand(id, offAt)) continue
      for (const [holder, debt] of debts.get(id)!) if (!debt.over) checkNamed(id, holder, debt, attention)
      checkClaimed(id, offAt)
    }
  }

  function checkProtected(): void {
    const asked = simulator.stops().flatMap(({ stop }) => stop.ids)
    for (const { id, isProtected, name } of SERVERS)
      if (isProtected && asked.includes(id)) fault('protected', name)
  }
}
