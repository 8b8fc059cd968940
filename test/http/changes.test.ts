import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { expect, test, vi } from 'vitest'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { at, START } from '../makers.ts'
import {
  connectionBody,
  eventOf,
  type HttpWorld,
  httpWorld,
  policyBody,
  replyOf,
  type Shown,
} from './world.ts'

type Fate = 'before' | 'after'
type Step = [method: string, path: string, body?: object]

const snooze = { until: at(START + 86_400_000), reason: 'release' }
const POLICY: Step[] = [
  ['PUT', '', policyBody({ id: undefined })],
  ['PUT', '', policyBody({ id: undefined, description: 'other' })],
  ['POST', '/snooze', snooze],
  ['DELETE', '/snooze'],
  ['DELETE', ''],
  ['PUT', '', policyBody({ id: undefined })],
]
const CONNECTION: Step[] = [
  ['PUT', '', connectionBody()],
  ['PUT', '', connectionBody({ enabled: false })],
  ['DELETE', ''],
  ['PUT', '', connectionBody()],
]

/** The API in a process that dies right before or after its nth write. */
function mortal(world: HttpWorld) {
  const died = new Error('died')
  let [writes, point, fate]: [number, number, Fate] = [0, -1, 'before']
  /** The first write of each request. */
  const firsts = new Set<number>()
  world.dynamo.middlewareStack.add(
    (next, { commandName = '' }) =>
      async args => {
        if (!/^(Put|Update|Delete)/.test(commandName)) return next(args)
        const isHere = writes++ === point
        if (isHere && fate === 'before') throw died
        const answer = await next(args)
        if (isHere) throw died
        return answer
      },
    { step: 'initialize' },
  )
  const handler = httpHandler(ROUTES, () => world.services)
  return {
    arm(at: number, how: Fate): void {
      ;[writes, point, fate] = [0, at, how]
      firsts.clear()
    },
    /** Dying before a write that follows another in its request is dying after that one. */
    points: () => (fate === 'before' ? [...firsts] : Array.from({ length: writes }, (_, at) => at)),
    async ask(...[method, path, body]: Step) {
      firsts.add(writes)
      const event = eventOf(method, path, body ? { body } : {})
      return replyOf(await handler(event as APIGatewayProxyEventV2, {} as Context))
    },
  }
}

/** None where nothing was written yet. */
async function changesOf(world: HttpWorld, path: string): Promise<Shown[]> {
  const { status, body } = await world.ask('GET', `${path}/changes`)
  if (status === 404) return []
  expect(body.nextCursor).toBeNull()
  return body.items
}

const WAYS: [string, string, Step[], Fate][] = [
  ['a policy', 'policies', POLICY, 'before'],
  ['a policy', 'policies', POLICY, 'after'],
  ['a connection', 'connections', CONNECTION, 'before'],
  ['a connection', 'connections', CONNECTION, 'after'],
]
test.each(WAYS)(
  'the changes of %s (%s) are those that were made, whatever write the process dies at',
  async (_, things, steps, fate) => {
    const world = await httpWorld()
    const { arm, points, ask } = mortal(world)

    /** The latest change made the thing what it is, and those before it are all still told. */
    async function expectWhole(path: string, told: Shown[]): Promise<Shown[]> {
      const changes = await changesOf(world, path)
      expect(changes.slice(changes.length - told.length)).toEqual(told)
      expect(changes.length - told.length).toBeLessThanOrEqual(1)
      const { status, body } = await world.ask('GET', path)
      if (status === 200) expect(changes[0]).toMatchObject({ version: body.version, at: body.updatedAt })
      else expect(changes[0]?.what ?? 'deleted').toBe('deleted')
      return changes
    }

    /** All steps, or those up to the one after a death: what comes later is the same without one. */
    async function live(path: string): Promise<void> {
      let told: Shown[] = []
      let left = steps.length
      for (const [method, rest, body] of steps) {
        if (left-- === 0) return
        vi.setSystemTime(Date.now() + 1000)
        const { status } = await ask(method, path + rest, body)
        told = await expectWhole(path, told)
        if (status !== 500) continue
        left = 1
        vi.setSystemTime(Date.now() + 1000)
        await ask(method, path + rest, body)
        told = await expectWhole(path, told)
      }
    }

    arm(-1, fate)
    const whole = `/v1/${things}/whole`
    await live(whole)
    expect(await world.all(`${whole}/changes`, { limit: '1' })).toEqual(await changesOf(world, whole))
    const deaths = points()
    expect(deaths.length).toBeGreaterThanOrEqual(steps.length)
    for (const point of deaths) {
      arm(point, fate)
      await live(`/v1/${things}/died-${fate}-${point}`)
    }
  },
)

test.each(['policies', 'connections'])(
  'of an id that nobody ever wrote there are no changes to tell: %s',
  async things => {
    const world = await httpWorld()
    const asked = await world.ask('GET', `/v1/${things}/mistyped/changes`)
    expect(asked).toMatchObject({ status: 404, body: { errors: [{ path: 'id' }] } })
  },
)

test('changes of one instant, or of a clock that goes back, are told in the order in which they were made', async () => {
  const world = await httpWorld()
  const put = (description: string) =>
    world.ask('PUT', '/v1/policies/quick', { body: policyBody({ id: 'quick', description }) })
  for (const [description, ms] of [
    ['a', 0],
    ['b', 0],
    ['c', -5000],
  ] as const) {
    vi.setSystemTime(START + ms)
    await put(description)
  }
  const changes = await world.all('/v1/policies/quick/changes', { limit: '1' })
  expect(changes.map(({ version }) => version)).toEqual([3, 2, 1])
})
