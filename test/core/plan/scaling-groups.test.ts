import { describe, expect, test } from 'vitest'
import { createPlanner } from '../../../lib/core/plan/planner.ts'
import { scalingGuard } from '../../../lib/core/plan/scaling-groups.ts'
import { createSelection } from '../../../lib/core/plan/select.ts'
import { applyReread, mayRepeat } from '../../../lib/core/stop/recheck-before-send.ts'
import { aConnection, aPolicy, aServer, aWhole, type ServerOverrides, START } from '../../makers.ts'

const groups = new Map([['s-1', 'web']])
const REASON =
  'it is a member of the Auto Scaling group web, which would remove it once it is off, and may delete it'

describe('whether members are guarded', () => {
  const ecs = 'https://ecs.example'
  const openstack = {
    api: 'openstack',
    endpoints: { identity: 'https://a.example', compute: 'https://b.example' },
  }

  test.each([
    ['by default', {}, 'ecs', 'guarded'],
    ['with both endpoints named', { endpoints: { ecs, as: 'https://as.example' } }, 'ecs', 'guarded'],
    ['with the as endpoint alone named', { endpoints: { as: 'https://as.example' } }, 'ecs', 'guarded'],
    ['with the ecs endpoint alone named', { endpoints: { ecs } }, 'ecs', 'unguarded'],
    ['where they are to be ignored', { scalingGroups: 'ignore' }, 'ecs', 'ignored'],
    [
      'where they are to be ignored, whatever is named',
      { scalingGroups: 'ignore', endpoints: { ecs } },
      'ecs',
      'ignored',
    ],
    ['for bare metal', {}, 'bms', 'none'],
    ['for bare metal, whatever is named', { endpoints: { ecs } }, 'bms', 'none'],
    ['on an OpenStack', openstack, 'ecs', 'none'],
  ] as const)('%s', (_, overrides, kind, expected) => {
    expect(scalingGuard(aConnection(overrides), kind)).toBe(expected)
  })
})

describe('a member of a scaling group', () => {
  const decide = (server: ServerOverrides, policy: Record<string, unknown> = {}) =>
    createSelection(aPolicy(policy), START)(aServer(server), groups)

  test('is left alone, and its group is named', () => {
    expect(decide({ id: 's-1' })).toEqual({ kind: 'skip', code: 'in-scaling-group', reason: REASON })
  })

  test.each<[string, ServerOverrides, Record<string, unknown>, string]>([
    ['protected', { tags: { 'curfew-protect': '' } }, {}, 'protected'],
    ['excluded', {}, { exclude: { name: 'dev-*' } }, 'excluded'],
    ['off already', { status: 'SHUTOFF' }, {}, 'in-scaling-group'],
  ])('that is %s, too', (_, server, policy, code) => {
    expect(decide({ id: 's-1', ...server }, policy)).toMatchObject({ kind: 'skip', code })
  })

  test('that the selector does not match is not of this run', () => {
    expect(decide({ id: 's-1' }, { selector: { name: 'prod-*' } })).toBeNull()
  })

  test('is left by every run that is planned together, whatever page of the list shows the groups', () => {
    const runs = ['a', 'b'].map(runId => ({ ...aPolicy(), runId }))
    const plan = createPlanner(runs, START)
    const servers = [aServer({ id: 's-1' }), aServer({ id: 's-2' })]
    const shares = plan.see(servers, groups)
    expect(shares.map(({ left }) => left.map(({ settled }) => settled.code))).toEqual([
      ['in-scaling-group'],
      ['in-scaling-group', 'in-another-run'],
    ])
    expect(shares[0]).toMatchObject({ targets: [{ id: 's-2' }], scope: 2 })
    expect(plan.see([aServer({ id: 's-3' })], new Map([['s-3', 'api']]))[0]).toMatchObject({
      targets: [],
      left: [{ settled: { code: 'in-scaling-group' } }],
    })
  })
})

describe('a server that joined a group after it was planned', () => {
  const servers = new Map(['s-0', 's-1', 's-2'].map(id => [id, aServer({ id })]))
  const seen = { servers, groups, selecting: aPolicy(), now: START }

  test('is skipped by the fresh look before the request', () => {
    const { chunk, settled } = applyReread(aWhole(), seen)
    expect(chunk.todo).toMatchObject([{ members: [0, 2] }])
    expect([...settled]).toMatchObject([[1, { status: 'skipped', code: 'in-scaling-group', reason: REASON }]])
  })

  test('gets no hard stop after a soft one', () => {
    const select = createSelection(aPolicy(), START)
    const isGuarded = (server: ReturnType<typeof aServer>) => select(server, groups)
    const server = aServer({ id: 's-1', taskState: 'powering-off' })
    expect(mayRepeat(server, isGuarded, { escalation: true })).toBe(false)
    expect(mayRepeat({ ...server, id: 's-2' }, isGuarded, { escalation: true })).toBe(true)
  })
})
