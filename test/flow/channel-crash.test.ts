import { setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCertificate } from '../certificate.ts'
import { type ChatTools, SIGNING_KEY, startChatTools } from '../chat-tools.ts'
import { aChannel, aRun, at, START } from '../makers.ts'
import { createDeaths, type Fate } from './deaths.ts'
import { createWorld, type World } from './world.ts'

const identity = aCertificate(Date.now())
let world: World
let tools: ChatTools
beforeAll(async () => {
  setDefaultCACertificates([identity.cert])
  tools = await startChatTools(identity)
  world = await createWorld({ addressProblem: () => null, deaths: createDeaths })
  const secret = { url: tools.url('webhook'), signingKey: SIGNING_KEY }
  world.aws.secrets.set('curfew/ops', JSON.stringify(secret))
  await world.store.saveChannel(aChannel({ type: 'webhook' }), null)
})
afterAll(async () => {
  await world.close()
  await tools.close()
})

/** The end of a run of this policy is told while its function dies, or does a thing twice, at an effect; what was done then. */
async function tell(policyId: string, doomed: { fate: Fate; effect: string } | null): Promise<string[]> {
  const policy = await world.policy({
    id: policyId,
    nextDueAt: null,
    notify: [{ channel: 'ops', on: ['missed'] }],
  })
  world.mortality!.arm(policyId, doomed)
  const id = `${policyId}.20261121T120000Z`
  const missed = { status: 'missed', reason: 'late', planning: 0, endedAt: at(START) } as const
  const run = aRun({ id, policyId, ...missed, notify: ['missed'] })
  await world.store.createRun(run, policy, at(Date.now()))
  await world.pass(8)
  return [...world.mortality!.effects]
}

/** What tells the end to the channel: other effects of notify die in other tests. */
const isOurs = (effect: string): boolean => /DELIVERY|delivery|TURNS|tell/.test(effect)

test('an end reaches its channel wherever its function dies or does a thing twice, and a message twice at most', async () => {
  const effects = (await tell('night-0', null)).filter(isOurs)
  expect(effects.length).toBeGreaterThan(4)
  const told = (policyId: string) =>
    tools.taken.filter(({ body }) => body.includes(`"id":"${policyId}.`)).map(({ body }) => body)
  expect(told('night-0')).toHaveLength(1)
  let number = 0
  for (const fate of ['before', 'after', 'twice'] as const)
    for (const effect of effects) {
      const policyId = `night-${++number}`
      expect(await tell(policyId, { fate, effect }), `${fate} ${effect} never came`).toContain(effect)
      const bodies = told(policyId)
      expect(bodies.length, `${fate} ${effect}`).toBeGreaterThanOrEqual(1)
      expect(bodies.length, `${fate} ${effect}`).toBeLessThanOrEqual(2)
      expect(new Set(bodies).size).toBe(1)
    }
}, 300_000)
