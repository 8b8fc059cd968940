import { expect, test } from 'vitest'
import { type Previewed, previewPolicy } from '../../../lib/core/preview/preview.ts'
import { aConnection, aGuard, aPolicy, aServer } from '../../makers.ts'

const guard = aGuard()
const previewed = (overrides: Partial<Previewed> = {}) =>
  previewPolicy({
    policy: aPolicy({ limits: { maxServers: 100 } }),
    servers: [aServer()],
    history: [],
    compared: { overlaps: [], unreadable: [], cutAfter: null },
    guard,
    ...overrides,
  })
const codes = (overrides: Partial<Previewed>) => previewed(overrides).warnings.map(({ code }) => code)

test('a connection that names its ecs endpoint and no as endpoint is warned of', () => {
  const ecs = 'https://ecs.example'
  const at = (endpoints: object) => ({ guard: { ...guard, connection: aConnection({ endpoints }) } })
  expect(codes(at({ ecs }))).toEqual(['scaling-groups-unguarded'])
  expect(codes(at({ ecs, as: 'https://as.example' }))).toEqual([])
})

test('members of groups are shown as skipped', () => {
  const groups = new Map([['s-1', 'web']])
  expect(previewed({ groups })).toMatchObject({
    summary: { matched: 1, targets: 0, skipped: 1 },
    skipped: [{ serverId: 's-1', code: 'in-scaling-group', reason: expect.stringContaining('group web') }],
    warnings: [],
  })
})

test.each([
  ['CCE-Cluster-ID', true],
  ['CCE-Dynamic-Provisioning-Node', true],
  ['cce-cluster-id', true],
  ['CCE_CLUSTER_NAME', true],
  ['cceClusterId', true],
  ['cluster', false],
  ['success-cluster', false],
  ['cce', false],
])('a target with the tag %s is a node of a cluster: %s', (tag, isNode) => {
  const servers = [aServer({ tags: { [tag]: 'c-1' } }), aServer({ id: 's-2' })]
  const { warnings } = previewed({ servers })
  expect(warnings).toMatchObject(
    isNode
      ? [{ code: 'cluster-nodes', message: expect.stringContaining(tag), servers: [{ serverId: 's-1' }] }]
      : [],
  )
})

test('a node of a cluster that is no target is not warned of', () => {
  expect(codes({ servers: [aServer({ tags: { 'CCE-Cluster-ID': 'c-1', 'curfew-protect': '' } })] })).toEqual(
    [],
  )
})
