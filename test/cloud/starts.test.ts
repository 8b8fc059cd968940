import { describe, expect, it } from 'vitest'
import { ALL_TAKEN } from '../../lib/core/model/accepted.ts'
import type { Act } from '../../lib/core/model/action.ts'
import { aNovaWire } from './nova-wire.ts'
import { aWireCloud, cloudErrorOf, PROJECT, type Reply } from './wire.ts'

const IDS = ['616fb98f-46ca-475e-917e-2563e5a8cd19', '726fb98f-46ca-475e-917e-2563e5a8cd20']
const ID = IDS[0]!
const START: Act = { action: 'start', mode: 'soft' }
const TAKEN: Reply = { status: 202, body: '' }

describe('the examples of "Starting ECSs in a Batch" and "Starting BMSs"', () => {
  it.each([
    ['ecs', 'cloudservers', 'soft'],
    ['ecs', 'cloudservers', 'hard'],
    ['bms', 'baremetalservers', 'hard'],
  ] as const)(
    '%s: sent to %s as they stand there, without a type, when the mode is %s',
    async (kind, folder, mode) => {
      const wire = await aWireCloud(() => ({ body: { job_id: 'ff808082889bd9690189061140c235fe' } }))
      expect(await wire.cloud.request(kind, { action: 'start', mode }, IDS)).toEqual({
        jobId: 'ff808082889bd9690189061140c235fe',
        requestId: 'f'.repeat(32),
        ...ALL_TAKEN,
      })
      expect(wire.received).toMatchObject([
        {
          method: 'POST',
          target: `/v1/${PROJECT}/${folder}/action`,
          body: JSON.stringify({ 'os-start': { servers: IDS.map(id => ({ id })) } }),
        },
      ])
    },
  )
})

describe('a native start', () => {
  it.each(['ecs', 'bms'] as const)('of %s at Huawei Cloud is signed, and has no type', async kind => {
    const wire = await aWireCloud(() => TAKEN)
    expect(await wire.cloud.requestEach(kind, { ...START, mode: 'hard' }, [ID])).toMatchObject(ALL_TAKEN)
    expect(wire.received).toMatchObject([
      { method: 'POST', target: `/v2.1/${PROJECT}/servers/${ID}/action`, body: '{"os-start":{}}' },
    ])
    expect(wire.received[0]?.headers.authorization).toMatch(/^SDK-HMAC-SHA256 /)
  })

  it('at any OpenStack comes with a token, one call a server', async () => {
    const wire = await aNovaWire({ nova: () => TAKEN })
    expect(await wire.cloud.request('ecs', START, IDS)).toMatchObject(ALL_TAKEN)
    expect(wire.calls.map(({ body }) => body)).toEqual(['{"os-start":{}}', '{"os-start":{}}'])
    expect(wire.calls[0]?.headers).toMatchObject({ 'x-auth-token': 'gAAAAAtoken-1' })
  })

  it.each([
    ['runs', 409, 'conflictingRequest', `Cannot 'start' instance ${ID} while it is in vm_state active`],
    ['is locked', 409, 'conflictingRequest', `Instance ${ID} is locked`],
    ['is unknown', 404, 'itemNotFound', `Instance ${ID} has no mapping to a cell.`],
  ])(
    'of a server that %s is a refusal of this server, in its words',
    async (_which, status, code, message) => {
      const wire = await aNovaWire({ nova: () => ({ status, body: { [code]: { code: status, message } } }) })
      const { refused } = await wire.cloud.request('ecs', START, [ID])
      expect(refused).toMatchObject([{ ids: [ID], code }])
      expect(refused[0]?.message).toContain(`start of server <id>`)
      expect(refused[0]?.message).toContain(message.replace(ID, '<id>'))
    },
  )

  it('without a right is refused for that cause', async () => {
    const message = "Policy doesn't allow os_compute_api:servers:start to be performed."
    const wire = await aNovaWire({
      nova: () => ({ status: 403, body: { forbidden: { code: 403, message } } }),
    })
    const { refused } = await wire.cloud.request('ecs', START, [ID])
    expect(refused).toMatchObject([{ code: 'forbidden', cause: 'forbidden' }])
  })
})

describe('a start for which there is no room', () => {
  const nested = (message: string) => JSON.stringify({ badRequest: { message, code: 400 } })

  it.each([
    ['Ecs.0319', 'Insufficient resources for this flavor.', 'Ecs.0319'],
    ['Ecs.0226', 'Failed to start: 资源不足', 'Ecs.0226'],
    ['Ecs.1000', nested('No valid host was found.'), 'badRequest'],
  ])('of many, refused with %s and "%s", names that cause', async (code, message, told) => {
    const wire = await aWireCloud(() => ({ status: 400, body: { error: { code, message } } }))
    const { details } = await cloudErrorOf(wire.cloud.request('ecs', START, IDS))
    expect(details).toMatchObject({ class: 'member', code: told, cause: 'no-capacity' })
  })

  it('of one, refused by a native call, names that cause', async () => {
    const body = { badRequest: { code: 400, message: 'No valid host was found.' } }
    const wire = await aNovaWire({ nova: () => ({ status: 400, body }) })
    const { refused } = await wire.cloud.request('ecs', START, [ID])
    expect(refused).toMatchObject([{ code: 'badRequest', cause: 'no-capacity' }])
  })
})
