import { describe, expect, test } from 'vitest'
import { withDefaults, withoutDefaults } from '../../lib/aws/store/documents/defaults.ts'
import { Connection } from '../../lib/core/model/connection.ts'
import { Policy, PolicyState, Settings } from '../../lib/core/model/model.ts'
import { aConnection, aPolicy, aPolicyBody } from '../makers.ts'

describe('a field at its default is not stored, for earlier versions may not know it', () => {
  test('of a connection, nor within one', () => {
    const connection = aConnection({ maxServersPerMinute: { ecs: 50 } })
    const { createdAt, updatedAt, version } = connection
    const stored = withoutDefaults(connection, Connection)
    expect(stored).toEqual({
      id: 'prod',
      api: 'huaweicloud',
      region: 'cn-north-4',
      projectId: connection.projectId,
      credentials: { source: 'environment' },
      maxServersPerMinute: { ecs: 50 },
      createdAt,
      updatedAt,
      version,
    })
    expect(withDefaults(stored, Connection)).toEqual(connection)
  })

  test('of a policy: what it says all the same, and when it is due, stays', () => {
    const policy = aPolicy({ start: { cron: '0 7 * * *' }, haltShare: null, limits: { maxPercent: 5 } })
    const stored = withoutDefaults(withoutDefaults(policy, Policy), PolicyState)
    const { createdAt, updatedAt, version, nextDueAt, snoozedUntil, snoozeReason } = policy
    expect(stored).toEqual({
      ...aPolicyBody({
        start: { cron: '0 7 * * *' },
        haltShare: null,
        limits: { maxPercent: 5 },
        mode: 'soft',
      }),
      createdAt,
      updatedAt,
      version,
      nextDueAt,
      snoozedUntil,
      snoozeReason,
    })
    expect(withDefaults(withDefaults(stored, Policy), PolicyState)).toEqual(policy)
  })

  test('of settings: a switch that has no default stays', () => {
    expect(withoutDefaults({ stopsEnabled: true, startsEnabled: true }, Settings)).toEqual({
      stopsEnabled: true,
    })
  })

  test('and what cannot be read is whole again, too', () => {
    const damaged = { id: 'prod', enabled: 'perhaps', limits: 'none', unheard: 1 }
    expect(withoutDefaults(damaged, Policy)).toEqual(damaged)
    expect(withDefaults(damaged, Policy)).toMatchObject({ ...damaged, start: null, notify: [] })
  })
})
