import { expect, test, vi } from 'vitest'
import { COUNTED, TICK } from '../../infra/aws/bill.ts'
import { chance } from '../flow/chance.ts'
import type { Deaths } from '../flow/deaths.ts'
import { createWorld, fleet } from '../flow/world.ts'
import { at, START } from '../makers.ts'
import type { Clients } from './recorder.ts'

interface Spent {
  reads: number
  writes: number
  messages: number
  calls: number
  ticks: number
}
interface Output {
  ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[]
}

const units = ({ ConsumedCapacity: of = [] }: Output): number =>
  [of].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)

/** The embedded table does not count its indexes: two units a write. */
function spend(spent: Spent, command: string, call: { input: object; output: Output }): void {
  if (command.startsWith('SendMessage')) spent.messages++
  else if (/^(Put|Update)Item/.test(command)) {
    const isIndexed = /"(dueAt|listAt)"/.test(JSON.stringify(call.input))
    spent.writes += units(call.output) + (isIndexed ? 2 : 0)
  } else spent.reads += units(call.output)
}

/** What functions spend, in the units that are paid for. */
function counter(spent: Spent) {
  let inFunction: 'calls' | 'ticks' | null = null
  const counted =
    <E, C>(handler: (event: E, context: C) => Promise<unknown>, as: 'calls' | 'ticks' = 'calls') =>
    async (event: E, context: C): Promise<unknown> => {
      spent[as]++
      inFunction = as
      try {
        return await handler(event, context)
      } finally {
        inFunction = null
      }
    }
  return (clients: Clients): Deaths => {
    for (const client of clients)
      client.middlewareStack.add(
        (next, { commandName = '' }) =>
          async args => {
            if (inFunction === null || (inFunction === 'ticks' && /Get|Query/.test(commandName)))
              return next(args)
            Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' })
            const done = await next(args)
            spend(spent, commandName, { input: args.input, output: done.output as Output })
            return done
          },
        { step: 'initialize', name: 'counter' },
      )
    return {
      effects: [],
      circumstances: new Map(),
      arm: () => undefined,
      rig: services => services,
      mortal: handlers => ({
        ...handlers,
        tick: counted(handlers.tick, 'ticks'),
        plan: counted(handlers.plan),
        stop: counted(handlers.stop),
        follow: counted(handlers.follow),
        notify: counted(handlers.notify),
      }),
    }
  }
}

/** Ids as clouds give them, and names with something of their own: neither can be packed much. */
function servers(count: number) {
  const random = chance(20261121)
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  return fleet(count).map(server => ({
    ...server,
    id: [8, 4, 4, 4, 12].map(hex).join('-'),
    name: `ecs-team-${hex(6)}`,
  }))
}

const none = (): Spent => ({ reads: 0, writes: 0, messages: 0, calls: 0, ticks: 0 })
const DAY_MS = 86_400_000

/** The first night and a later one, each with the look an hour after it; then a further look, and the last, which sees all up. */
type SpentNight = Record<'first' | 'later' | 'look' | 'lastLook', Spent>

/** Without what ticks read, and what those write that find nothing. */
async function spentBy(count: number): Promise<SpentNight> {
  const spent = none()
  const taken = (): Spent => {
    const { reads, writes, ticks, ...others } = { ...spent }
    Object.assign(spent, none())
    return { ...others, ticks, reads, writes: writes - ticks * TICK.writes }
  }
  const all = servers(count)
  const jobSeconds = { first: 30, spread: 20 }
  const world = await createWorld({ servers: all, switches: { jobSeconds }, deaths: counter(spent) })
  await world.connection({ maxServersPerMinute: { ecs: 1000, bms: null } })
  await world.policy({ nextDueAt: at(START), schedule: { cron: '0 12 * * *', timeZone: 'UTC' } })
  const night = async (): Promise<Spent> => {
    taken()
    await world.pass(90)
    expect((await world.store.runs({ most: 1 })).items).toMatchObject([
      { status: 'succeeded', summary: { stopped: count }, recheckedAt: expect.any(String) },
    ])
    return taken()
  }
  const first = await night()
  await world.pass(4 * 60)
  const look = taken()
  for (const { id } of all) world.simulator.change(id!, { status: 'ACTIVE' })
  await world.pass(4 * 60)
  const lastLook = taken()
  vi.setSystemTime(START + DAY_MS)
  const later = await night()
  await world.close()
  return { first, later, look, lastLook }
}

const PAID = ['reads', 'writes', 'messages', 'calls'] as const

test.each([
  [10, 1],
  [1000, 1],
  [5000, 5],
])('a run over %i servers spends no more than the bill says: a run and %i chunks', async (count, chunks) => {
  const { first, later, look, lastLook } = await spentBy(count)
  const { run, chunk, wholeList } = COUNTED
  for (const name of PAID) {
    expect(later[name], `a night: ${name}`).toBeLessThanOrEqual(run[name] + chunks * chunk[name])
    const looks = COUNTED.look.run[name] + chunks * COUNTED.look.chunk[name]
    expect(look[name], `a look: ${name}`).toBeLessThanOrEqual(looks)
    expect(lastLook[name], `the last look: ${name}`).toBeLessThanOrEqual(looks)
  }
  expect(first.writes - later.writes).toBeLessThanOrEqual(chunks * wholeList.writes)
})
