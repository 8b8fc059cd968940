import { expect, test } from 'vitest'
import { COUNTED } from '../../infra/aws/bill.ts'
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
  let inFunction = false
  const counted =
    <E, C>(handler: (event: E, context: C) => Promise<unknown>) =>
    async (event: E, context: C): Promise<unknown> => {
      spent.calls++
      inFunction = true
      try {
        return await handler(event, context)
      } finally {
        inFunction = false
      }
    }
  return (clients: Clients): Deaths => {
    for (const client of clients)
      client.middlewareStack.add(
        (next, { commandName = '' }) =>
          async args => {
            if (!inFunction) return next(args)
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

/** A night and the look an hour later, with every function's work but the empty ticks. */
async function spentBy(count: number): Promise<Spent> {
  const spent: Spent = { reads: 0, writes: 0, messages: 0, calls: 0 }
  const jobSeconds = { first: 30, spread: 20 }
  const options = { servers: servers(count), switches: { jobSeconds }, deaths: counter(spent) }
  const world = await createWorld(options)
  await world.connection({ maxServersPerMinute: { ecs: 1000, bms: null } })
  await world.policy({ nextDueAt: at(START) })
  await world.pass(90)
  expect((await world.store.runs({ most: 1 })).items).toMatchObject([
    { status: 'succeeded', summary: { stopped: count }, recheckedAt: expect.any(String) },
  ])
  await world.close()
  return spent
}

test.each([
  [10, 1],
  [5000, 5],
])('a run over %i servers spends no more than the bill says: a run and %i chunks', async (count, chunks) => {
  const spent = await spentBy(count)
  for (const name of ['reads', 'writes', 'messages', 'calls'] as const)
    expect(spent[name], name).toBeLessThanOrEqual(COUNTED.run[name] + chunks * COUNTED.chunk[name])
})
