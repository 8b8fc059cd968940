import { describe, expect, it } from 'vitest'
import { billingPlace } from '../../lib/cloud/huawei/prices/place.ts'
import { aNovaWire } from './nova-wire.ts'
import { officialAuthorization } from './official-signature.ts'
import { aWireCloud, cloudErrorOf, KEY, PROJECT, type Received, type Reply, wireConnection } from './wire.ts'

interface Product {
  id: string
  resource_spec: string
}
const productsOf = ({ body }: Received): Product[] => JSON.parse(body).product_infos
const unknown: Reply = {
  body: { error_code: 'CBC.6006', error_msg: 'The required product cannot be found.' },
}

/** BSS that knows all flavours but some, and asks for 0.5 an hour. */
const aBss =
  (isUnknown: (spec: string) => boolean = () => false, refusal = unknown) =>
  (received: Received): Reply => {
    const products = productsOf(received)
    if (products.some(one => isUnknown(one.resource_spec))) return refusal
    const results = products.map(({ id }) => ({ id, amount: '0.5000000000', measure_id: 1 }))
    return { body: { amount: '1', currency: '', measure_id: 1, product_rating_results: results } }
  }

const aCloud = (script: (received: Received) => Reply, options: Parameters<typeof aWireCloud>[1] = {}) =>
  aWireCloud(script, { bss: true, ...options })
const linux = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ flavor: `s6.${n}`, windows: false }))
const asked = (received: Received[]): number[] => received.map(one => productsOf(one).length)

describe('prices of an hour', () => {
  it('are asked of BSS for the account, as the official SDK would sign it', async () => {
    const wire = await aCloud(aBss())
    const kinds = [
      { flavor: 's6.large.2', windows: false },
      { flavor: 's6.large.2', windows: true },
    ]
    expect(await wire.cloud.quotePrices(kinds)).toEqual({ currency: 'CNY', perHour: [0.5, 0.5] })
    const [received] = wire.received
    expect(received).toMatchObject({ method: 'POST', target: '/v2/bills/ratings/on-demand-resources' })
    expect(received!.headers).not.toHaveProperty('x-project-id')
    expect(received!.headers.authorization).toBe(officialAuthorization(received!, KEY))
    const product = {
      cloud_service_type: 'hws.service.type.ec2',
      resource_type: 'hws.resource.type.vm',
      region: 'cn-north-4',
      usage_factor: 'Duration',
      usage_value: 1,
      usage_measure_id: 4,
      subscription_num: 1,
    }
    expect(JSON.parse(received!.body)).toEqual({
      project_id: PROJECT,
      inquiry_precision: 1,
      product_infos: [
        { id: '0', resource_spec: 's6.large.2.linux', ...product },
        { id: '1', resource_spec: 's6.large.2.win', ...product },
      ],
    })
  })

  it('are asked for a hundred kinds at a time', async () => {
    const wire = await aCloud(aBss())
    const { perHour } = await wire.cloud.quotePrices(linux(250))
    expect(perHour).toEqual(Array(250).fill(0.5))
    expect(asked(wire.received)).toEqual([100, 100, 50])
  })

  it.each<[string, Reply]>([
    ['CBC.6006 under 200', unknown],
    ['CBC.6006 under 400', { ...unknown, status: 400 }],
    ['CBC.99006006 under 200', { body: { error_code: 'CBC.99006006', error_msg: 'x' } }],
  ])('of a kind that is unknown by %s are none, and the others are asked without it', async (_, refusal) => {
    const wire = await aCloud(
      aBss(spec => spec === 's6.3.linux', refusal),
      {},
    )
    const { perHour } = await wire.cloud.quotePrices(linux(8))
    expect(perHour).toEqual([0.5, 0.5, 0.5, null, 0.5, 0.5, 0.5, 0.5])
    expect(asked(wire.received)).toEqual([8, 4, 2, 2, 1, 1, 4])
  })

  it('are left for the next time where too many kinds are unknown', async () => {
    const wire = await aCloud(aBss(() => true))
    const { perHour } = await wire.cloud.quotePrices(linux(100))
    expect(wire.received).toHaveLength(30)
    expect(perHour.filter(one => one === null).length).toBeGreaterThan(10)
    expect(perHour.at(-1)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a text that is none', 'free'],
    ['less than nothing', -1],
  ])('are no prices where the amount is %s', async (_, amount) => {
    const wire = await aCloud(() => ({
      body: { currency: 'CNY', product_rating_results: [{ id: '0', amount }] },
    }))
    const { message } = await cloudErrorOf(wire.cloud.quotePrices(linux(1)))
    expect(message).toContain('product_rating_results.0.amount')
  })

  it('are refused with the name of the right that may be missing, and asked for once', async () => {
    const wire = await aCloud(() => ({
      status: 403,
      body: { error_code: 'CBC.0151', error_msg: 'user access denied' },
    }))
    const { message, details } = await cloudErrorOf(wire.cloud.quotePrices(linux(1)))
    expect(details).toMatchObject({ class: 'refused', code: 'CBC.0151', cause: 'forbidden' })
    expect(message).toContain('billing:contract:viewDiscount')
    expect(wire.received).toHaveLength(1)
  })

  it('are asked of no host that only follows from the region, where the servers are elsewhere', async () => {
    const wire = await aCloud(aBss(), { bss: false })
    expect((await cloudErrorOf(wire.cloud.quotePrices(linux(1)))).message).toContain('name endpoints.bss')
    expect(wire.received).toEqual([])
  })

  it('are quoted by no OpenStack', async () => {
    const wire = await aNovaWire({})
    expect((await cloudErrorOf(wire.cloud.quotePrices(linux(1)))).message).toContain(
      'a table in the settings',
    )
  })
})

it.each([
  ['cn-north-4', 'https://bss.myhuaweicloud.com'],
  ['ap-southeast-3', 'https://bss-intl.myhuaweicloud.com'],
  ['eu-west-101', 'https://bss.myhuaweicloud.eu'],
])('prices of region %s are asked at the one host of its site', (region, endpoint) => {
  expect(billingPlace(wireConnection('', { region, endpoints: {} }), ['x'])).toEqual({
    endpoint,
    path: ['v2', 'bills', 'x'],
  })
})

it('where a site has no host for prices, the error says what to do', () => {
  const connection = wireConnection('', { region: 'eu-de', endpoints: {} })
  expect(() => billingPlace(connection, [])).toThrow('name endpoints.bss of the connection')
})
