import { describe, expect, it } from 'vitest'
import { ALL_TAKEN } from '../../lib/core/model/accepted.ts'
import { aNovaWire, novaServer } from './nova-wire.ts'
import { aWireCloud, cloudErrorOf, NOW, PROJECT, type Received, type Reply } from './wire.ts'

const ID = '616fb98f-46ca-475e-917e-2563e5a8cd19'
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${ID.slice(0, -4)}${1000 + n}`)
const idOf = ({ path }: Received): string => path.split('/').at(-2)!

const conflict = (id: string): Reply => ({
  status: 409,
  body: {
    conflictingRequest: {
      code: 409,
      message: `Cannot 'stop' instance ${id} while it is in vm_state stopped`,
    },
  },
})
const FORBIDDEN: Reply = {
  status: 403,
  body: {
    forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:stop to be performed." },
  },
}
const TAKEN: Reply = { status: 202, body: '' }

describe('the examples of the ECS API reference, "Stopping an ECS", and of BMS, "Stopping a BMS (Native OpenStack API)"', () => {
  const bmsProject = 'c685484a8cc2416b97260938705deb65'
  const bmsId = '95bf2490-5428-432c-ad9b-5e3406f869dd'

  it.each([200, 202, 204])('ECS at Huawei Cloud: sent as it stands there, taken with %d', async status => {
    const wire = await aWireCloud(() => ({ status, body: '' }))
    expect(await wire.cloud.requestEach('ecs', { action: 'stop', mode: 'soft' }, [ID])).toEqual({
      jobId: null,
      requestId: 'f'.repeat(32),
      ...ALL_TAKEN,
    })
    expect(wire.received).toMatchObject([
      { method: 'POST', target: `/v2.1/${PROJECT}/servers/${ID}/action`, body: '{"os-stop":{}}' },
    ])
    expect(wire.received[0]?.headers.authorization).toMatch(/^SDK-HMAC-SHA256 /)
  })

  it('ECS, HARD', async () => {
    const wire = await aWireCloud(() => TAKEN)
    await wire.cloud.requestEach('ecs', { action: 'stop', mode: 'hard' }, [ID])
    expect(wire.received[0]?.body).toBe('{"os-stop":{"type":"HARD"}}')
  })

  it('BMS at Huawei Cloud: sent as it stands there, to the ECS host, taken with 204', async () => {
    const wire = await aWireCloud(() => ({ status: 204, body: '' }), {
      connection: { projectId: bmsProject },
    })
    const { origin } = wire
    const elsewhere = await aWireCloud(() => ({ status: 500 }), {
      connection: { endpoints: { ecs: origin, bms: 'http://127.0.0.1:9' }, projectId: bmsProject },
    })
    await elsewhere.cloud.requestEach('bms', { action: 'stop', mode: 'hard' }, [bmsId])
    expect(wire.received).toMatchObject([
      { method: 'POST', target: `/v2.1/${bmsProject}/servers/${bmsId}/action`, body: '{"os-stop":{}}' },
    ])
  })

  it.each(['v2', 'v2.1'])('any OpenStack under /%s: sent as it stands there, with a token', async version => {
    const other = await aNovaWire({ nova: () => TAKEN })
    const wire = await aNovaWire({
      connection: { endpoints: { identity: `${other.origin}/v3`, compute: `${other.origin}/${version}` } },
    })
    await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID])
    await wire.cloud.request('ecs', { action: 'stop', mode: 'hard' }, [ID])
    expect(other.calls).toMatchObject([
      { method: 'POST', target: `/${version}/${PROJECT}/servers/${ID}/action`, body: '{"os-stop":{}}' },
      { body: '{"os-stop":{"type":"HARD"}}' },
    ])
    expect(other.calls[0]?.headers).toMatchObject({
      'x-auth-token': 'gAAAAAtoken-1',
      'content-type': 'application/json',
    })
  })
})

describe('an answer to a native stop', () => {
  const refusals: [string, Reply, string][] = [
    ['a conflict', conflict(ID), 'conflictingRequest'],
    [
      'an unknown server',
      { status: 404, body: { itemNotFound: { code: 404, message: 'x' } } },
      'itemNotFound',
    ],
    ['a lack of rights', FORBIDDEN, 'forbidden'],
    ['a wrong project', { status: 400, body: { badRequest: { code: 400, message: 'x' } } }, 'badRequest'],
    ['a wrong path', { status: 404, body: { message: 'x', code: '404 Not Found' } }, 'http-404'],
    ['several choices', { status: 300, body: { choices: [] } }, 'http-300'],
  ]
  it.each(refusals)('that tells of %s is a refusal of this server', async (_what, reply, code) => {
    const wire = await aNovaWire({ nova: () => reply })
    const { refused, ...rest } = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID])
    expect(refused).toMatchObject([{ ids: [ID], code }])
    expect(rest).toEqual({ jobId: null, requestId: null, lost: [], unsent: [], trouble: null })
    expect(wire.calls).toHaveLength(1)
  })

  const lost: [string, Reply][] = [
    ['500', { status: 500, body: { computeFault: { code: 500, message: 'x' } } }],
    ['502 with a page', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['503 of no one’s', { status: 503, body: '' }],
    ['200 with a page', { status: 200, body: '<html>Welcome</html>' }],
    ['202 with another error', { status: 202, body: { error: { code: 'Ecs.0114', message: 'x' } } }],
    ['a cut', { instead: 'cut' }],
    ['silence', { instead: 'silence' }],
  ]
  it.each(lost)('that is %s leaves it open whether it was carried out', async (_what, reply) => {
    const wire = await aNovaWire({ nova: () => reply, timeoutMs: 1000 })
    expect(await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID])).toMatchObject({
      lost: [ID],
      refused: [],
      unsent: [],
    })
    expect(wire.calls).toHaveLength(1)
  })

  const keystoneGone = {
    message:
      'The server is currently unavailable. Please try again at a later time.<br /><br />\nThe Keystone service is temporarily unavailable.\n\n',
    code: '503 Service Unavailable',
    title: 'Service Unavailable',
  }
  it.each([
    ['429', { status: 429, body: '' }, 'throttled'],
    ['202 with too much traffic', { status: 202, body: { error: { code: 'Common.0024' } } }, 'throttled'],
    ['503 of the token filter', { status: 503, body: keystoneGone }, 'unavailable'],
  ] as const)('that is %s says that nothing was carried out', async (_what, reply, kind) => {
    const wire = await aNovaWire({ nova: () => reply })
    const { details } = await cloudErrorOf(wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID]))
    expect([details.class, wire.calls.length]).toEqual([kind, 1])
  })
})

describe('a stop of many servers', () => {
  it('is one call for each, once, and no more than eight at a time', async () => {
    let [open, most] = [0, 0]
    const { promise: eightCame, resolve } = Promise.withResolvers<void>()
    const wire = await aNovaWire({
      nova: async () => {
        most = Math.max(most, ++open)
        if (open === 8) resolve()
        await eightCame
        open--
        return TAKEN
      },
    })
    const all = ids(100)
    expect(await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, all)).toEqual({
      jobId: null,
      requestId: null,
      ...ALL_TAKEN,
    })
    expect(wire.calls.map(idOf).toSorted()).toEqual(all)
    expect(most).toBe(8)
    expect(wire.tokens).toHaveLength(1)
  })

  it('tells apart who was taken, refused and lost', async () => {
    const [a, b, c, d] = ids(4) as [string, string, string, string]
    const replies: Record<string, Reply> = { [b]: conflict(b), [c]: { instead: 'cut' }, [d]: conflict(d) }
    const wire = await aNovaWire({ nova: received => replies[idOf(received)] ?? TAKEN })
    const { refused, ...rest } = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [
      a,
      b,
      c,
      d,
    ])
    expect(rest).toMatchObject({ lost: [c], unsent: [], trouble: null })
    expect(refused.map(({ ids, code }) => [ids.toSorted(), code])).toEqual([[[b, d], 'conflictingRequest']])
    expect(refused[0]?.message).toContain("Cannot 'stop' instance <id> while it is in vm_state stopped")
  })

  it('goes no further when the cloud has too much to do; what was not asked is named, with the wait', async () => {
    const reply = (n: number): Reply =>
      n <= 20 ? TAKEN : { status: 429, body: '', headers: { 'retry-after': '7' } }
    const wire = await aNovaWire({ nova: (_received, n) => reply(n) })
    const answer = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids(200))
    expect(answer.unsent).toHaveLength(180)
    expect(answer.trouble).toMatchObject({ class: 'throttled', retryAfterSeconds: 7 })
    expect(wire.calls.length).toBeLessThanOrEqual(28)
  })

  it('names last what met trouble: one server that always does holds up no other', async () => {
    const all = ids(40)
    const bad = all[0]!
    const wire = await aNovaWire({
      nova: received =>
        idOf(received) === bad ? { status: 503, body: { error_code: 'APIGW.0613' } } : TAKEN,
    })
    const answer = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, all)
    expect(answer.unsent.length).toBeGreaterThan(20)
    expect(answer.unsent.at(-1)).toBe(bad)
    expect((await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, answer.unsent)).unsent).toEqual(
      [bad],
    )
  })

  it('whose first few are forbidden, in a row, is not taken for forbidden as a whole', async () => {
    const all = ids(200)
    const bad = new Set(all.slice(0, 20))
    const wire = await aNovaWire({ nova: received => (bad.has(idOf(received)) ? FORBIDDEN : TAKEN) })
    const answer = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, all)
    expect(new Set(answer.refused.flatMap(one => one.ids))).toEqual(bad)
    expect(new Set(wire.calls.map(idOf)).size).toBe(200)
  })

  it('of which every one is forbidden ends after a few calls, as a refusal of the whole', async () => {
    const wire = await aNovaWire({ nova: () => FORBIDDEN })
    const { details } = await cloudErrorOf(
      wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids(500)),
    )
    expect(details).toMatchObject({ class: 'refused', code: 'forbidden' })
    expect(wire.calls.length).toBeLessThanOrEqual(15)
  })

  it('of which the first few are forbidden and others are not goes on', async () => {
    const wire = await aNovaWire({ nova: (_received, n) => (n <= 7 ? FORBIDDEN : TAKEN) })
    const answer = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids(50))
    expect([answer.refused[0]?.ids.length, answer.unsent.length]).toEqual([7, 0])
  })

  it('sends nothing more after half a minute, and at least one however late it is', async () => {
    let nowMs = NOW
    const wire = await aNovaWire({
      nova: () => {
        nowMs += 10_000
        return TAKEN
      },
      now: () => nowMs,
    })
    const answer = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids(100))
    expect(answer.unsent.length).toBeGreaterThan(80)
    expect(answer.trouble).toBeNull()
    expect(wire.calls.length + answer.unsent.length).toBe(100)
  })

  it('whose refusals all differ keeps a bounded number of words', async () => {
    const words = (n: number): Reply => ({
      status: 409,
      body: { conflictingRequest: { code: 409, message: `at ${n} o’clock` } },
    })
    const wire = await aNovaWire({ nova: (_received, n) => words(n) })
    const { refused } = await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids(300))
    expect(refused.length).toBeLessThanOrEqual(51)
    expect(refused.flatMap(group => group.ids)).toHaveLength(300)
  })
})

describe('a cloud without jobs', () => {
  it('says of a job that it is gone, and asks nobody', async () => {
    const wire = await aNovaWire({ nova: () => ({ body: { server: novaServer(ID) } }) })
    expect(await wire.cloud.job('ecs', 'j')).toMatchObject({ status: 'gone' })
    expect([wire.calls, wire.tokens]).toEqual([[], []])
  })
})
