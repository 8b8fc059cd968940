/** Tries each row of the table of keys in docs/keys.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
  ...{ key, api: api as Connection['api'], fields: words(fields), variables: words(variables) },
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
