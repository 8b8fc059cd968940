/** Tries each row of the table of keys in docs/keys.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SESSION_POLICY } from '../../lib/cloud/huawei/keys/session-policy.ts'
import { ACCESS_KEY } from '../../lib/cloud/huawei/secret.ts'
import { parseOpenstackSecret } from '../../lib/cloud/openstack/secret.ts'
import { secretFromVariables } from '../../lib/cloud/registry.ts'
import { parseSecret } from '../../lib/cloud/secret.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { aConnection } from '../makers.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/keys.md'), 'utf8')
const ROW =
  /^\| ([^|]*key|user[^|]*|application credential) \| `(huaweicloud|openstack)` \| ([^|]+) \| ([^|]+) \|$/gm
const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)
const keys = [...text.matchAll(ROW)].map(([, key = '', api = '', fields, variables]) => ({
  key,
  api: api as Connection['api'],
  fields: words(fields),
  variables: words(variables),
}))

const read = (connection: Connection, secret: unknown) =>
  connection.api === 'openstack'
    ? parseOpenstackSecret(connection, secret)
    : parseSecret(connection, ACCESS_KEY, secret)

test('the table has the two keys of each api', () => {
  expect(keys.map(({ api }) => api)).toEqual(['huaweicloud', 'huaweicloud', 'openstack', 'openstack'])
})

test.for(keys)('$key: its fields and its variables are the same secret', ({ api, fields, variables }) => {
  const secret = Object.fromEntries(fields.map((field, n) => [field, `value-${n}`]))
  const environment = Object.fromEntries(variables.map((name, n) => [`PROD_${name}`, `value-${n}`]))
  const kept = aConnection({ api, credentials: { source: 'secretsManager', name: 'curfew/prod' } })
  const given = aConnection({ api, credentials: { source: 'environment', name: 'PROD_' } })
  expect(read(kept, JSON.stringify(secret))).toEqual(secret)
  expect(read(given, secretFromVariables(given, environment))).toEqual(secret)
})

/** Every policy that the page shows, in its order. */
const policies = [...text.matchAll(/```json\n(\{\n {2}"Version"[\s\S]*?)```/g)].map(([, json = '']) =>
  JSON.parse(json),
)

test('a session may do what the page says, and STS takes a policy of that length', () => {
  expect(policies.map(({ Version }) => Version)).toEqual(['1.1', '5.0'])
  expect(policies[1]).toEqual(JSON.parse(SESSION_POLICY))
  expect(SESSION_POLICY.length).toBeLessThanOrEqual(4096)
})

test('an identity policy grants what the custom policy does, under the names that it has there', () => {
  const renamed: Record<string, string> = {
    'ecs:cloudServers:list': 'ecs:cloudServers:listServersDetails',
    'ecs:cloudServers:get': 'ecs:cloudServers:showServer',
    'as:groups:list': 'as:scalingGroup:list',
    'as:instances:list': 'as:scalingGroup:listInstances',
    'bms:servers:get': 'bms:servers:showBaremetalServer',
  }
  const [custom, identity] = policies.map(({ Statement }) =>
    Statement.flatMap(({ Action }: { Action: string[] }) => Action),
  )
  // What belongs to no region has a policy of its own there (docs/prices.md).
  const ofServers = identity.filter((action: string) => !action.startsWith('billing:'))
  expect(custom.map((action: string) => renamed[action] ?? action).toSorted()).toEqual(ofServers.toSorted())
})
