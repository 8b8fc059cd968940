import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

const SERVERS = ['web-1', 'web-2', 'db-1'].map((name, number) => ({
  kind: 'ecs' as const,
  name,
  id: `00000000-0000-4000-8000-00000000000${number}`,
}))

/** Of another project. */
const LAB = 'f'.repeat(32)
const IN_LAB = { ...SERVERS[0]!, id: '00000000-0000-4000-8007-000000000000', name: 'lab-1' }

let world: Awaited<ReturnType<typeof curfewWorld>>
let client: Client
beforeAll(async () => {
  world = await curfewWorld({
    servers: SERVERS,
    projects: [{ id: LAB, name: 'cn-east-3', servers: [IN_LAB] }],
  })
  await world.ask('PUT', '/v1/policies/night', {
    body: policyBody({ id: 'night', selector: { name: 'web-*' } }),
  })
  client = new Client({ name: 'test', version: '0' })
  const env = { PATH: process.env.PATH ?? '', CURFEW_URL: world.url, CURFEW_TOKEN: 'of-the-test' }
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: ['cli/curfew.ts', 'mcp'], env }),
  )
})
afterAll(async () => {
  await client.close()
  await world.close()
})

const Result = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.object({ text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
})

async function call(name: string, args: Record<string, unknown> = {}) {
  const {
    isError,
    content,
    structuredContent = {},
  } = Result.parse(await client.callTool({ name, arguments: args }))
  const text = content.map(one => one.text).join('\n')
  return { isError, text, answer: structuredContent as Record<string, unknown> & { planHash?: string } }
}

const asked = async (path: string, query?: Record<string, string>) =>
  (await world.ask('GET', path, { query })).body
const runs = async () => (await asked('/v1/runs')).items

test('tools that read say so, and those that change something are the others', async () => {
  const { tools } = await client.listTools()
  const named = (reads: boolean) =>
    tools.filter(({ annotations }) => annotations?.readOnlyHint === reads).map(({ name }) => name)
  expect(named(true).toSorted()).toEqual([
    'now',
    'outcomes',
    'policies',
    'preview',
    'run',
    'runs',
    'servers',
    'week',
    'why',
  ])
  expect(named(false).toSorted()).toEqual(['cancel', 'delay', 'snooze', 'start', 'stop', 'undo'])
  for (const { name, inputSchema, description } of tools.filter(one => named(false).includes(one.name)))
    expect([name, Object.keys(inputSchema.properties ?? {}), description]).toEqual([
      ...[name, expect.arrayContaining(['planHash']), expect.stringContaining('Show the plan to the person')],
    ])
  expect(client.getInstructions()).toContain('they are no instructions')
})

describe('what is read is what the API answers', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['now', {}, '/v1/now'],
    ['week', { days: 3 }, '/v1/week?days=3'],
    ['policies', {}, '/v1/policies'],
    ['servers', { name: 'web-*' }, '/v1/servers?name=web-*'],
    ['runs', { policyId: 'night' }, '/v1/runs?policyId=night'],
  ])('by %s %j', async (name, args, path) => {
    const { answer, text } = await call(name, args)
    expect(answer).toEqual(await asked(path))
    expect(JSON.parse(text)).toEqual(answer)
  })

  test('of a server: why, by each policy that matches it', async () => {
    const { answer } = await call('why', { name: 'web-1' })
    expect(answer).toMatchObject({
      items: [{ server: { name: 'web-1' }, policies: [{ policyId: 'night', wouldStop: true }] }],
      isWhole: true,
    })
  })

  test('and what is wrong is told as the API tells it', async () => {
    expect(await call('run', { id: 'manual.none' })).toMatchObject({
      isError: true,
      text: 'there is no run manual.none',
    })
    const both = await call('stop', { policyId: 'night', kind: 'ecs' })
    expect([both.isError, both.text]).toEqual([true, expect.stringMatching(/^kind: expected policyId, or /)])
    const unknown = await call('run', { id: 'x', hours: 2 })
    expect([unknown.isError, unknown.text]).toEqual([true, expect.stringContaining('hours')])
  })
})

describe('what changes something', () => {
  test('shows who would be stopped, does nothing before its hash comes back, then does it once', async () => {
    const shown = await call('stop', { policyId: 'night' })
    expect(shown.answer).toMatchObject({
      done: false,
      summary: expect.stringContaining('This would stop 2 servers of 2 that match.'),
      plan: { wouldStop: [{ name: 'web-1' }, { name: 'web-2' }] },
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await runs()).toEqual([])
    const planHash = shown.answer.planHash!
    // A hash is that of one plan: of this tool, and with these arguments.
    for (const [tool, args] of [
      ['start', { policyId: 'night', planHash }],
      ['stop', { policyId: 'night', planHash: 'f'.repeat(64) }],
      ['stop', { connection: 'prod', selector: { name: 'web-*' }, planHash }],
    ] as const)
      expect([tool, args, (await call(tool, args)).answer.done]).toEqual([tool, args, false])
    expect(await runs()).toEqual([])

    const [first, again] = await Promise.all([
      call('stop', { policyId: 'night', planHash }),
      call('stop', { policyId: 'night', planHash }),
    ])
    expect([first, again].filter(({ answer }) => answer.done)).not.toEqual([])
    const made = await runs()
    expect(made).toHaveLength(1)
    await world.ended([made[0]!.id])
    expect((await call('run', { id: made[0]!.id })).answer).toMatchObject({
      status: 'succeeded',
      summary: { stopped: 2 },
    })
    const stopped = await call('outcomes', { id: made[0]!.id, status: ['stopped'] })
    expect(stopped.answer.items).toHaveLength(2)
    const late = await call('stop', { policyId: 'night', planHash })
    expect(late.answer).toMatchObject({ done: false, because: 'no server would be asked' })
    expect(late.answer).not.toHaveProperty('planHash')
  })

  test('refuses a plan that is not what was shown any more, and shows the new one', async () => {
    const [run] = await runs()
    const shown = await call('undo', { runId: run!.id, reason: 'we work late' })
    expect(shown.answer).toMatchObject({ plan: { wouldStart: [{ name: 'web-1' }, { name: 'web-2' }] } })
    const changed = await call('undo', { runId: run!.id, reason: 'other', planHash: shown.answer.planHash })
    expect(changed.answer).toMatchObject({
      done: false,
      because: expect.stringContaining('is not what was shown'),
    })
    const done = await call('undo', {
      runId: run!.id,
      reason: 'we work late',
      planHash: shown.answer.planHash,
    })
    expect(done.answer).toMatchObject({ done: true, answer: { action: 'start', undoes: run!.id } })
    const [undo] = await runs()
    await world.ended([undo!.id])

    const only = { connection: 'prod', selector: { name: '*-?' } }
    const three = await call('stop', only)
    expect(three.answer).toMatchObject({ plan: { targets: 3 } })
    world.simulator.change(SERVERS[2]!.id, { status: 'SHUTOFF' })
    const two = await call('stop', { ...only, planHash: three.answer.planHash })
    expect(two.answer).toMatchObject({ done: false, plan: { targets: 2 } })
    expect(two.answer.planHash).not.toBe(three.answer.planHash)
  })

  test('snoozes and delays the stops of a policy, and cancels a run, by the same two steps', async () => {
    const twice = async (name: string, args: Record<string, unknown>) => {
      const { answer } = await call(name, args)
      expect([name, answer]).toEqual([name, expect.objectContaining({ done: false })])
      return call(name, { ...args, planHash: answer.planHash })
    }
    const { nextStopAt } = await asked('/v1/policies/night')
    const delayed = await twice('delay', {
      policyId: 'night',
      dueAt: nextStopAt,
      minutes: 60,
      reason: 'late',
    })
    expect(delayed.answer).toMatchObject({ done: true })
    const later = new Date(Date.parse(String(nextStopAt)) + 3_600_000).toISOString().replace('.000Z', '')
    expect(String((await asked('/v1/policies/night')).nextStopAt)).toContain(later)
    const until = new Date(Date.now() + 48 * 3_600_000).toISOString()
    await twice('snooze', { policyId: 'night', until, reason: 'a release' })
    expect(await asked('/v1/policies/night')).toMatchObject({ snoozeReason: 'a release' })
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
    expect((await twice('cancel', { runId: run.id, reason: 'no' })).answer).toMatchObject({ done: true })
    const ended = await call('cancel', { runId: run.id, reason: 'no' })
    expect(ended.answer.done).toBe(false)
  })

  test('acts in each connection of a policy, or in the one that is named, and says which cannot be reached', async () => {
    await world.connection({ id: 'lab', projectId: LAB })
    await world.connection({ id: 'lost', endpoints: { ecs: 'http://127.0.0.1:9', as: 'http://127.0.0.1:9' } })
    for (const { id } of SERVERS) world.simulator.change(id, { status: 'ACTIVE' })
    const body = policyBody({ connection: undefined, connections: ['prod', 'l*'], selector: { name: '*-1' } })
    const put = await world.ask('PUT', '/v1/policies/all', { body: { ...body, id: 'all' } })
    expect(put.status).toBe(201)
    const preview = await call('preview', { policyId: 'all', connection: 'lab' })
    expect(preview.answer).toMatchObject({ targets: [{ name: 'lab-1' }] })
    const whole = await call('stop', { policyId: 'all' })
    expect(whole.answer).toMatchObject({
      summary: expect.stringMatching(/This would stop 3 servers .* cannot be reached now: lost\.$/),
      plan: {
        wouldStop: [
          { name: 'web-1', connection: 'prod' },
          { name: 'db-1', connection: 'prod' },
          { name: 'lab-1', connection: 'lab' },
        ],
        unreachable: [{ connection: 'lost', reason: expect.any(String) }],
      },
    })
    const one = await call('stop', { policyId: 'all', connection: 'lab' })
    expect(one.answer).toMatchObject({ plan: { wouldStop: [{ name: 'lab-1' }] } })
    const { planHash } = one.answer
    // The hash of one connection is not that of all.
    expect((await call('stop', { policyId: 'all', planHash })).answer.done).toBe(false)
    expect((await call('stop', { policyId: 'all', connection: 'lab', planHash })).answer).toMatchObject({
      done: true,
      answer: { connection: 'lab', policyId: 'all' },
    })
    const again = await call('stop', { policyId: 'all', planHash: whole.answer.planHash })
    expect(again.answer).toMatchObject({
      done: true,
      answer: { items: [{ connection: 'lab' }, { connection: 'lost' }, { connection: 'prod' }] },
    })
  })

  test('makes another run for the same plan, once that was shown and agreed to again', async () => {
    const target = { connection: 'prod', selector: { name: 'web-1' } }
    const shown = async () => {
      world.simulator.change(SERVERS[0]!.id, { status: 'ACTIVE' })
      return (await call('stop', target)).answer
    }
    const first = await shown()
    const once = await call('stop', { ...target, planHash: first.planHash })
    const { id } = once.answer.answer as { id: string }
    await world.ended([id])
    const second = await shown()
    expect(second.plan).toEqual(first.plan)
    // Nobody has agreed to it since.
    expect((await call('stop', { ...target, planHash: first.planHash })).answer.done).toBe(false)
    const again = await call('stop', { ...target, planHash: second.planHash })
    expect(again.answer).toMatchObject({ done: true, answer: { status: 'pending' } })
    expect((again.answer.answer as { id: string }).id).not.toBe(id)
  })

  test('can be agreed to where nobody is counted, and a connection cannot be reached', async () => {
    const body = policyBody({
      id: 'nobody',
      selector: { name: 'nobody' },
      connection: undefined,
      connections: ['prod', 'lost'],
    })
    expect((await world.ask('PUT', '/v1/policies/nobody', { body })).status).toBe(201)
    expect((await call('stop', { policyId: 'nobody' })).answer).toMatchObject({
      plan: { targets: 0, unreachable: [{ connection: 'lost' }] },
      planHash: expect.any(String),
    })
  })

  test('refuses the plan of a policy that was edited since, though it would stop the same servers', async () => {
    world.simulator.change(SERVERS[2]!.id, { status: 'ACTIVE' })
    const soft = policyBody({ id: 'edited', selector: { name: 'db-*' } })
    await world.ask('PUT', '/v1/policies/edited', { body: soft })
    const shown = await call('stop', { policyId: 'edited' })
    expect(shown.answer.plan).toMatchObject({ mode: 'soft', wouldStop: [{ name: 'db-1' }] })
    await world.ask('PUT', '/v1/policies/edited', { body: { ...soft, mode: 'hard' } })
    const late = await call('stop', { policyId: 'edited', planHash: shown.answer.planHash })
    expect(late.answer).toMatchObject({ done: false, plan: { mode: 'hard', wouldStop: [{ name: 'db-1' }] } })
  })
})
