import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { type HttpWorld, httpWorld, policyBody } from './world.ts'

let world: HttpWorld

/** As a newer version writes a document: with a condition in it that this one does not know. */
async function writeNewer(pk: string, sk: string): Promise<void> {
  const changed = { UpdateExpression: 'SET doc.newer = :v', ExpressionAttributeValues: { ':v': ['x'] } }
  const client = DynamoDBDocumentClient.from(world.dynamo)
  await client.send(new UpdateCommand({ TableName: world.table.tableName, Key: { pk, sk }, ...changed }))
}

beforeEach(async () => {
  world = await httpWorld({ servers: fleet(3) })
  for (const id of ['night', 'other'])
    await world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id }) })
})

describe('after a return to an older version', () => {
  const SAID =
    /^policy night, as it is stored, cannot be read by this version: newer: unknown field; .*\. PUT it again, or DELETE it$/

  test.each([
    ['GET', '/v1/policies/night'],
    ['POST', '/v1/policies/night/preview'],
  ])(
    'a policy that it cannot read whole is not read in part, and the answer names it: %s %s',
    async (...asked) => {
      await writeNewer('POLICY#night', 'POLICY')
      const { status, body } = await world.ask(...asked)
      expect(status).toBe(500)
      expect(body.detail).toMatch(SAID)
    },
  )

  test('the list goes on without it, and names it', async () => {
    await writeNewer('POLICY#night', 'POLICY')
    const { status, body } = await world.ask('GET', '/v1/policies')
    expect(status).toBe(200)
    expect(body).toMatchObject({ items: [{ id: 'other' }], unreadable: ['night'], nextCursor: null })
    const pages = [await world.ask('GET', '/v1/policies?limit=1')]
    pages.push(await world.ask('GET', `/v1/policies?limit=1&cursor=${pages[0]!.body.nextCursor}`))
    expect(pages.map(page => page.body)).toMatchObject([
      { items: [], unreadable: ['night'] },
      { items: [{ id: 'other' }], nextCursor: null },
    ])
    expect(pages[1]!.body).not.toHaveProperty('unreadable')
  })

  test('the previews of the others go on, with a warning that names it', async () => {
    await writeNewer('POLICY#night', 'POLICY')
    const { status, body } = await world.ask('POST', '/v1/policies/other/preview')
    expect(status).toBe(200)
    expect(body.warnings).toContainEqual({
      code: 'unreadable-policies',
      message: expect.stringMatching(/^"night": policies that cannot be read by this version/),
    })
  })

  test('a connection that it does not name can be deleted, the one that it names cannot', async () => {
    await world.connection({ id: 'spare' })
    await writeNewer('POLICY#night', 'POLICY')
    expect((await world.ask('DELETE', '/v1/connections/spare')).status).toBe(204)
    await world.ask('DELETE', '/v1/policies/other')
    expect((await world.ask('DELETE', '/v1/connections/prod')).status).toBe(409)
  })

  test('is mended by writing it again, the same as before: its version goes on, and its snooze stays', async () => {
    const snooze = { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'release' }
    await world.ask('POST', '/v1/policies/night/snooze', { body: snooze })
    await writeNewer('POLICY#night', 'POLICY')
    const { status } = await world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night' }) })
    expect(status).toBe(200)
    const { body } = await world.ask('GET', '/v1/policies/night')
    expect(body).toMatchObject({ version: 3, snoozedUntil: snooze.until })
    const changes = await world.all('/v1/policies/night/changes')
    expect(changes.find(({ what }) => what === 'edited')?.fields).toEqual([{ path: 'newer', before: ['x'] }])
  })

  test('is gone when it is deleted, and the others are as they were', async () => {
    await writeNewer('POLICY#night', 'POLICY')
    expect((await world.ask('DELETE', '/v1/policies/night')).status).toBe(204)
    expect((await world.all('/v1/policies')).map(({ id }) => id)).toEqual(['other'])
  })

  test('a connection is mended so, too', async () => {
    const { body } = await world.ask('GET', '/v1/connections/prod')
    await writeNewer('CONNECTION#prod', 'CONNECTION')
    const { body: said } = await world.ask('GET', '/v1/connections/prod')
    expect(said.detail).toContain('connection prod, as it is stored, cannot be read by this version: newer: ')
    expect((await world.ask('PUT', '/v1/connections/prod', { body })).status).toBe(200)
    expect((await world.ask('GET', '/v1/connections/prod')).body.version).toBe(body.version + 1)
  })
})
