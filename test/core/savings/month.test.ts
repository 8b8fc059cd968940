import { expect, test } from 'vitest'
import type { Run } from '../../../lib/core/model/run.ts'
import {
  type Claimed,
  claimLine,
  type SavingsLine,
  savedWithin,
  savingsLine,
} from '../../../lib/core/savings/line.ts'
import { firstLookAt, lookState, nextLook } from '../../../lib/core/savings/looks.ts'
import { judgeLook, type Sight, type StoppedServers } from '../../../lib/core/savings/sight.ts'
import { withPrices } from '../../../lib/core/savings/snapshot.ts'
import { chance } from '../../flow/chance.ts'
import { aRun, aSettled, at, members, START } from '../../makers.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const SERVERS = 12
const DAYS = 30

type Cause = 'ours' | 'person'
interface Server {
  flavor: string
  charging: 'payPerUse' | 'yearlyMonthly'
  isUp: boolean
  changedMs: number
  /** Since when it is off because of us, untouched. */
  ourOff: { sinceMs: number; perHour: number | null } | null
}
/** What the bill by the second lacks, because a run of ours stopped a server and nobody touched it since. */
interface Spared {
  server: number
  fromMs: number
  toMs: number
  perHour: number | null
}

/** The world of a month: servers, what persons do to them, and what the cloud does not bill. */
function createMonth(random: () => number) {
  const servers: Server[] = Array.from({ length: SERVERS }, (_, n) => ({
    flavor: n % 4 === 3 ? 'd3.large' : 's6.large',
    isUp: true,
    changedMs: START - DAY,
    ourOff: null,
    charging: n % 5 === 4 ? 'yearlyMonthly' : 'payPerUse',
  }))
  const spared: Spared[] = []

  function touch(server: number, nowMs: number): void {
    const one = servers[server]!
    if (one.ourOff !== null)
      spared.push({ server, fromMs: one.ourOff.sinceMs, toMs: nowMs, perHour: one.ourOff.perHour })
    one.ourOff = null
    one.changedMs = nowMs
  }
  const priceNow = ({ flavor, charging }: Server, nowMs: number): number | null =>
    charging === 'yearlyMonthly' || flavor.startsWith('d3') ? null : priceAt(nowMs)
  /** The price goes up and down over the month. */
  const priceAt = (nowMs: number): number => 0.4 + 0.1 * (Math.floor((nowMs - START) / (7 * DAY)) % 3)

  return {
    servers,
    spared,
    priceAt,
    set(server: number, isUp: boolean, { by, nowMs }: { by: Cause; nowMs: number }): void {
      const one = servers[server]!
      if (one.isUp === isUp) return
      touch(server, nowMs)
      one.isUp = isUp
      if (by === 'ours' && !isUp) one.ourOff = { sinceMs: nowMs, perHour: priceNow(one, nowMs) }
    },
    resize(server: number, nowMs: number): void {
      touch(server, nowMs)
      servers[server]!.flavor = random() < 0.5 ? 's6.large' : 'd3.large'
    },
    end(nowMs: number): void {
      for (const server of servers.keys()) touch(server, nowMs)
    },
  }
}
type Month = ReturnType<typeof createMonth>

interface Kept {
  run: Run
  chunk: StoppedServers
  nextAt: string | null
}

/** A run that stops half of what is up, or so, and sees it off some seconds later. */
function stopSome(
  month: Month,
  { dueMs, night, random }: { dueMs: number; night: number; random: () => number },
): Kept {
  const seenMs = dueMs + Math.floor(random() * 50) * SECOND
  const targets = month.servers.flatMap(({ isUp }, server) => (isUp && random() < 0.8 ? [server] : []))
  const facts = new Map(
    targets.map((server, place) => {
      const { flavor, charging } = month.servers[server]!
      return [place, { flavor, charging }]
    }),
  )
  for (const server of targets) month.set(server, false, { by: 'ours', nowMs: seenMs })
  const table = { currency: 'CNY', perHour: { 's6.large': month.priceAt(seenMs), 'd3.large': 1 } }
  const kinds = [{ flavor: 's6.large' }, { flavor: 'd3.large' }]
  const prices = withPrices(undefined, kinds, { table, region: 'x', charged: new Set(['d3.large']) })
  const run = aRun({
    id: `night.${night}`,
    dueAt: at(dueMs),
    endedAt: at(seenMs),
    status: 'succeeded',
    prices,
    summary: { ...aRun().summary, stopped: targets.length },
  })
  const names = members(SERVERS)
  const chunk: StoppedServers = {
    number: 0,
    servers: targets.map(server => names[server]!),
    settled: new Map(targets.map((_, place) => [place, aSettled({ endedAt: at(seenMs) })])),
    facts,
    offUntil: new Map(),
  }
  return { run, chunk, nextAt: firstLookAt(run) }
}

/** What the fleet shows at an instant. */
const sightsOf = ({ servers }: Month): Map<string, Sight> =>
  new Map(servers.map(({ isUp, changedMs }, server) => [`s-${server}`, isUp ? 'up' : changedMs]))

/** Looks at a run whose look is due; the run as it is then. */
function lookOnce(kept: Kept, month: Month, nowMs: number): Kept {
  const { run } = kept
  if (kept.nextAt === null || lookState(run, nowMs) !== 'due') return kept
  const look = { sights: sightsOf(month), at: nowMs, previous: run.lookedAt, starts: new Map() }
  const result = judgeLook(kept.chunk, look)
  const lookedAt = at(nowMs)
  const next = nextLook(run, { lookedAt, off: result.stillOff, isFollowed: false })
  const ended = next === null ? { looksEndedAt: lookedAt } : {}
  return { run: { ...run, lookedAt, ...ended }, chunk: { ...kept.chunk, ...result }, nextAt: next }
}

function livedMonth(seed: number): { lines: SavingsLine[]; spared: Spared[] } {
  const random = chance(seed)
  const month = createMonth(random)
  let kept: Kept[] = []
  for (let minute = 0; minute < DAYS * 24 * 60; minute++) {
    const nowMs = START + minute * MINUTE
    const [hour, isFull] = [Math.floor(minute / 60) % 24, minute % 60 === 0]
    if (hour === 20 && isFull) kept.push(stopSome(month, { dueMs: nowMs, night: kept.length, random }))
    // What a run does in the minutes after is done at once.
    if (hour === 8 && isFull && random() < 0.7)
      for (const server of month.servers.keys()) month.set(server, true, { by: 'ours', nowMs })
    if (!isFull && random() < 0.01) {
      const server = Math.floor(random() * SERVERS)
      const personMs = nowMs + (10 + Math.floor(random() * 48)) * SECOND
      if (random() < 0.2) month.resize(server, personMs)
      else month.set(server, random() < 0.7, { by: 'person', nowMs: personMs })
    }
    kept = kept.map(one => lookOnce(one, month, nowMs + 59 * SECOND))
  }
  month.end(START + DAYS * DAY)
  const claimed: Claimed = new Map()
  const lines = kept.flatMap(({ run, chunk }) =>
    [...chunk.settled].flatMap(([member, settled]) => {
      const serverId = chunk.servers[member]!.id
      const facts = chunk.facts.get(member)
      const whole = savingsLine(run, {
        serverId,
        name: '',
        settled,
        facts,
        offUntil: chunk.offUntil.get(member),
      })
      return (whole && claimLine(whole, claimed)) ?? []
    }),
  )
  return { lines, spared: month.spared }
}

test.each([1, 2, 3, 4])(
  'over a month the ledger claims no second and no cent that was billed, and misses four hours a time off (seed %i)',
  seed => {
    const { lines, spared } = livedMonth(seed)
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      const own = spared.find(
        ({ server, fromMs, toMs }) =>
          `s-${server}` === line.serverId && fromMs <= line.from * 1000 && toMs >= line.to * 1000,
      )
      expect(own, `${line.serverId} from ${line.from} to ${line.to}`).toBeDefined()
      const bill = ((line.to - line.from) / 3600) * (own!.perHour ?? 0)
      expect(savedWithin(line, line.from, line.to) / 1e6).toBeLessThanOrEqual(bill + 1e-9)
    }
    const LATE_MS = 4 * HOUR + 2 * MINUTE
    for (const { server, fromMs, toMs } of spared) {
      const claimed = lines
        .filter(
          line => `s-${server}` === line.serverId && line.from * 1000 >= fromMs && line.to * 1000 <= toMs,
        )
        .reduce((sum, { from, to }) => sum + (to - from) * 1000, 0)
      expect(toMs - fromMs - claimed).toBeLessThanOrEqual(LATE_MS)
    }
  },
)
