import { describe, expect, it } from 'vitest'
import { SERVER_SCHEMAS } from '../../lib/cloud/servers.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import { wireServer } from './wire.ts'

const listed = (item: unknown, kind: Kind = 'ecs') =>
  SERVER_SCHEMAS[kind].List.parse({ count: 1, servers: [item] }).servers[0]
const serverOf = (overrides: Record<string, unknown>, kind: Kind = 'ecs') =>
  listed(wireServer('a', overrides), kind)?.server

describe('a server', () => {
  it('is told as the cloud shows it', () => {
    expect(listed(wireServer('a'))).toEqual({
      id: 'a',
      server: {
        id: 'a',
        name: 'name-a',
        kind: 'ecs',
        status: 'ACTIVE',
        power: 'on',
        busy: null,
        turning: null,
        locked: false,
        frozen: false,
        inRecycleBin: false,
        tags: { env: ['dev'] },
        enterpriseProjectId: '0',
        chargingMode: 'payPerUse',
        flavor: 's6.xlarge.4',
      },
    })
  })

  it('needs no more than an id and a status', () => {
    expect(listed({ id: 'a', status: 'SHUTOFF' }, 'bms')?.server).toEqual({
      id: 'a',
      name: '',
      kind: 'bms',
      status: 'SHUTOFF',
      power: 'off',
      busy: null,
      turning: null,
      locked: false,
      frozen: false,
      inRecycleBin: false,
      tags: {},
      enterpriseProjectId: null,
      chargingMode: null,
      flavor: '',
    })
  })

  it.each([
    ['env=dev', { env: ['dev'] }],
    ['env', { env: [''] }],
    ['env=', { env: [''] }],
    ['query=a=b', { query: ['a=b'] }],
    ['环境=生产', { 环境: ['生产'] }],
    [{ key: 'env', value: 'dev' }, { env: ['dev'] }],
    [{ key: 'env' }, { env: [''] }],
  ])('with the tag %j has %j', (tag, tags) => {
    expect(serverOf({ tags: [tag] })?.tags).toEqual(tags)
  })

  it('with tags that begin alike has each of them', () => {
    expect(serverOf({ tags: ['role=db', 'env=dev', 'role=web', 'role'] })?.tags).toEqual({
      role: ['db', 'web', ''],
      env: ['dev'],
    })
  })

  it('without tags has none', () => {
    expect([serverOf({ tags: null })?.tags, serverOf({ tags: undefined })?.tags]).toEqual([{}, {}])
  })

  it.each([
    [{ charging_mode: '0' }, 'payPerUse'],
    [{ charging_mode: '1' }, 'yearlyMonthly'],
    [{ charging_mode: '2' }, 'spot'],
    [{ chargingMode: '1' }, 'yearlyMonthly'],
    [{ charging_mode: '9' }, null],
    [{}, null],
  ])('with the metadata %j is charged %s', (metadata, chargingMode) => {
    expect(serverOf({ metadata })?.chargingMode).toBe(chargingMode)
  })

  it('under way, locked, frozen or thrown away says so', () => {
    expect(
      serverOf({
        'OS-EXT-STS:task_state': 'powering-off',
        locked: true,
        in_recycle_bin: true,
        metadata: { EcmResStatus: 'freeze' },
      }),
    ).toMatchObject({ busy: 'powering-off', turning: 'off', locked: true, inRecycleBin: true, frozen: true })
  })

  it('with an empty task has none under way', () => {
    expect(serverOf({ 'OS-EXT-STS:task_state': '' })?.busy).toBeNull()
  })

  it.each([
    ['a tag', { tags: ['__type_baremetal'] }],
    ['its metering', { metadata: { 'metering.resourcetype': '__type_baremetal' } }],
    ['its other metering', { metadata: { 'metering.resourcetype': 'hws.resource.type.pm' } }],
  ])('marked as bare metal by %s is a BMS, whatever list holds it', (_by, overrides) => {
    expect(serverOf(overrides)?.kind).toBe('bms')
  })

  it('whose enterprise project stands in its system tags only has it', () => {
    const sysTags = [{ key: '_sys_enterprise_project_id', value: 'ep-1' }]
    expect(serverOf({ enterprise_project_id: null, sys_tags: sysTags })?.enterpriseProjectId).toBe('ep-1')
  })

  it('of which the cloud knows only a fault does not exist', () => {
    expect(listed({ id: 'a', fault: { message: 'could not be found' } })).toEqual({ id: 'a', server: null })
  })

  it('with a fault and a status exists', () => {
    expect(serverOf({ status: 'ERROR', fault: { code: 500 } })?.status).toBe('ERROR')
  })

  it.each([
    ['SHUTOFF', 'No valid host was found. There are not enough hosts available.', true],
    ['ERROR', 'Build aborted: no valid host', true],
    ['SHUTOFF', 'The disk has no capacity', undefined],
  ])('%s whose fault is "%s" lacks capacity: %s', (status, message, lacksCapacity) => {
    const server = serverOf({ status, fault: { code: 500, message } })
    expect([server?.lacksCapacity, server?.fault]).toEqual([lacksCapacity, lacksCapacity && message])
  })

  it('with odd fields that nothing depends on is taken', () => {
    expect(serverOf({ name: 7, flavor: 's6', metadata: 'x', locked: 'maybe', sys_tags: 'x' })).toMatchObject({
      name: '',
      flavor: '',
      locked: false,
    })
  })

  it.each([
    ['without an id', { id: undefined }],
    ['with an empty id', { id: '' }],
  ])('%s is refused', (_what, overrides) => {
    const parsed = SERVER_SCHEMAS.ecs.List.safeParse({ count: 1, servers: [wireServer('a', overrides)] })
    expect(parsed.error?.issues.map(({ path }) => path.slice(0, 2))).toEqual([['servers', 0]])
  })
})

describe('a server of which the cloud tells half', () => {
  it.each([null, undefined, '', 1])('with the status %j has an unknown one', status => {
    expect(serverOf({ status })?.status).toBe('UNKNOWN')
  })

  it('with a fault and a name, but no status, exists', () => {
    expect(serverOf({ status: null, fault: { code: 500 } })?.status).toBe('UNKNOWN')
  })

  it('of none but an id and a fault does not exist, whatever its status is called', () => {
    expect(listed({ id: 'a', status: null, fault: { code: 404 } })).toEqual({ id: 'a', server: null })
  })

  it.each([{ env: 'dev' }, [null], [['env', 'dev']], 'env=dev'])(
    'with tags such as %j is unreadable: one of them could protect it',
    tags => {
      expect(serverOf({ tags })).toMatchObject({ unreadable: 'its tags', tags: {}, status: 'ACTIVE' })
    },
  )
})

describe('a page', () => {
  it('of null is an empty one', () => {
    expect(SERVER_SCHEMAS.ecs.List.parse({ count: 0, servers: null })).toEqual({ count: 0, servers: [] })
  })

  it('that does not count tells no total', () => {
    expect(SERVER_SCHEMAS.ecs.List.parse({ servers: [] }).count).toBeNull()
  })

  it.each([{}, [], null, { servers: {} }, { count: 'many', servers: [] }])('%j is refused', body => {
    expect(SERVER_SCHEMAS.ecs.List.safeParse(body).success).toBe(false)
  })
})
