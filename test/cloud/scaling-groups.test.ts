import { describe, expect, test } from 'vitest'
import { aWireCloud, cloudErrorOf, PROJECT, type Received, type Reply } from './wire.ts'

const BASE = `/autoscaling-api/v1/${PROJECT}`
const refusedBy = (code: string, message: string) => ({ error: { code, message } })

const GRANTED = { enterprise_project_id: 'all_granted_eps' }
const FORBIDDEN: Reply = { status: 403, body: refusedBy('Pdp.0001', 'Policy does not allow it') }

/** By group the ids of its members. */
type Groups = Record<string, (string | null)[]>

const rowsOf = (groups: Groups, path: string): { name: string; rows: object[] } => {
  const group = /scaling_group_instance\/g-([^/]+)\/list$/.exec(path)?.[1]
  if (group === undefined) {
    const rows = Object.keys(groups).map(name => ({
      scaling_group_id: `g-${name}`,
      scaling_group_name: name,
    }))
    return { name: 'scaling_groups', rows }
  }
  const rows = groups[group]!.map(instance_id => ({ instance_id, life_cycle_state: 'INSERVICE' }))
  return { name: 'scaling_group_instances', rows }
}

/** A service with these groups, that gives at most so many rows a page. */
const service =
  (groups: Groups, maxRows = 100) =>
  ({ path, query }: Received): Reply => {
    const { name, rows } = rowsOf(groups, path)
    const start = Number(query.start_number)
    const limit = Math.min(maxRows, Number(query.limit))
    const body = {
      total_number: rows.length,
      start_number: start,
      limit,
      [name]: rows.slice(start, start + limit),
    }
    return { body }
  }

const many = (count: number, name = 's') => Array.from({ length: count }, (_, n) => `${name}-${n}`)

describe('scaling groups', () => {
  test('cost two requests where there are none: the second asks among what is granted', async () => {
    const { cloud, received } = await aWireCloud(service({}))
    expect(await cloud.scalingGroups()).toEqual(new Map())
    const first = { start_number: '0', limit: '100' }
    expect(received.map(({ method, path, query }) => ({ method, path, query }))).toEqual([
      { method: 'GET', path: `${BASE}/scaling_group`, query: first },
      { method: 'GET', path: `${BASE}/scaling_group`, query: { ...first, ...GRANTED } },
    ])
  })

  test('are signed as every call is', async () => {
    const { cloud, received } = await aWireCloud(service({}))
    await cloud.scalingGroups()
    expect(received[0]!.headers.authorization).toMatch(/^SDK-HMAC-SHA256 Access=/)
  })

  test('are read with their members, each by the name of its group', async () => {
    const { cloud, received } = await aWireCloud(service({ web: ['a', 'b'], api: [], db: ['c'] }))
    expect([...(await cloud.scalingGroups())]).toEqual([
      ['a', 'web'],
      ['b', 'web'],
      ['c', 'db'],
    ])
    expect(received).toHaveLength(4)
  })

  test('and members are paged to the end', async () => {
    const groups = Object.fromEntries(many(101, 'g').map(name => [name, [] as string[]]))
    const { cloud } = await aWireCloud(service({ ...groups, big: many(250) }))
    expect((await cloud.scalingGroups()).size).toBe(250)
  })

  test('come whole from a service that gives shorter pages than were asked for', async () => {
    const { cloud } = await aWireCloud(service({ web: many(25) }, 10))
    expect((await cloud.scalingGroups()).size).toBe(25)
  })

  test('have members that are being created, and have no id yet', async () => {
    const { cloud } = await aWireCloud(service({ web: ['a', null, '', 'b'] }))
    expect([...(await cloud.scalingGroups()).keys()]).toEqual(['a', 'b'])
  })

  test('that were deleted meanwhile have no members', async () => {
    const groups = service({ web: ['a'], gone: [] })
    const { cloud } = await aWireCloud(received =>
      received.path.includes('g-gone')
        ? { status: 404, body: refusedBy('AS.2007', 'The AS group does not exist') }
        : groups(received),
    )
    expect([...(await cloud.scalingGroups())]).toEqual([['a', 'web']])
  })

  test('without a name go by their id', async () => {
    const { cloud } = await aWireCloud(received =>
      received.path.endsWith('/scaling_group')
        ? {
            body: {
              total_number: 1,
              scaling_groups: [{ scaling_group_id: 'g-web', scaling_group_name: null }],
            },
          }
        : service({ web: ['a'] })(received),
    )
    expect([...(await cloud.scalingGroups())]).toEqual([['a', 'g-web']])
  })

  test('are asked for at the as endpoint', async () => {
    const other = await aWireCloud(service({ web: ['a'] }))
    const { cloud } = await aWireCloud(() => ({ status: 500 }), {
      connection: { endpoints: { as: other.origin } },
    })
    expect((await cloud.scalingGroups()).size).toBe(1)
  })
})

describe('the groups that are granted inside enterprise projects', () => {
  /** A service that answers a plain list of groups so, and one of what is granted otherwise. */
  const plainly =
    (plain: Reply, granted: (received: Received) => Reply) =>
    (received: Received): Reply =>
      received.path.endsWith('/scaling_group') && received.query.enterprise_project_id === undefined
        ? plain
        : granted(received)
  const NONE = service({})({ path: '/scaling_group', query: {} } as Received)

  test.each([
    ['empty', NONE],
    ['refused', FORBIDDEN],
  ])('are read where the plain list is %s', async (_, plain) => {
    const { cloud } = await aWireCloud(plainly(plain, service({ web: ['a'] })))
    expect([...(await cloud.scalingGroups())]).toEqual([['a', 'web']])
  })

  test.each<[string, Reply]>([
    ['none is granted', NONE],
    ['the service does not know what is granted', { status: 400, body: refusedBy('AS.0007', 'invalid') }],
  ])('are none where the plain list is empty and %s; a refused one stays refused', async (_, granted) => {
    const empty = await aWireCloud(plainly(NONE, () => granted))
    expect(await empty.cloud.scalingGroups()).toEqual(new Map())
    const refused = await aWireCloud(plainly(FORBIDDEN, () => granted))
    const { message } = await cloudErrorOf(refused.cloud.scalingGroups())
    expect(message).toContain('lacks the permission as:groups:list (403 Pdp.0001 came)')
  })

  test('are not taken to be none where they are refused', async () => {
    const { cloud } = await aWireCloud(plainly(NONE, () => FORBIDDEN))
    expect((await cloudErrorOf(cloud.scalingGroups())).details).toMatchObject({ status: 403 })
  })
})

describe('a list that is not whole is not taken for whole', () => {
  test('where a service ignores where a page begins', async () => {
    const { cloud } = await aWireCloud(received =>
      service({ web: many(150) })({ ...received, query: { ...received.query, start_number: '0' } }),
    )
    const { message, details } = await cloudErrorOf(cloud.scalingGroups())
    expect(details).toMatchObject({ class: 'unavailable', code: 'listing-shifts' })
    expect(message).toContain('members of Auto Scaling group web')
    expect(message).toContain('100 of 150, then 100 of 150')
  })

  test('where the total moves between pages: it is read again', async () => {
    let joined = 0
    const { cloud, received } = await aWireCloud(one => {
      const isSecondPage = one.query.start_number === '100'
      if (isSecondPage) joined = 1
      return service({ web: many(150 + joined) })(one)
    })
    expect((await cloud.scalingGroups()).size).toBe(151)
    expect(received.filter(({ path }) => path.includes('instance'))).toHaveLength(4)
  })

  test('where it holds no total', async () => {
    const { cloud } = await aWireCloud(() => ({ body: { scaling_groups: [] } }))
    expect((await cloudErrorOf(cloud.scalingGroups())).message).toContain('total_number')
  })
})

describe('a key that may not list', () => {
  test.each([
    [401, 'APIGW.0301', 'as:groups:list', /\/scaling_group$/],
    [403, 'AS.0013', 'as:groups:list', /\/scaling_group$/],
    [403, 'AS.0013', 'as:instances:list', /\/list$/],
    [401, 'AS.0001', 'as:instances:list', /\/list$/],
  ])('%i %s: the error names the permission %s', async (status, code, permission, path) => {
    const groups = service({ web: ['a'] })
    const { cloud } = await aWireCloud(received =>
      path.test(received.path)
        ? { status, body: refusedBy(code, 'Policy does not allow it') }
        : groups(received),
    )
    const { message, details } = await cloudErrorOf(cloud.scalingGroups())
    expect(details).toMatchObject({ status, code })
    expect(message).toContain(`the key lacks the permission ${permission} (${status} ${code} came)`)
    expect(message).toContain('grant as:groups:list and as:instances:list')
  })
})
