import { setDefaultCACertificates } from 'node:tls'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, test, vi } from 'vitest'
import { STEPS } from '../../infra/local/templates.ts'
import { FIRST_OUTCOME } from '../../lib/core/model/outcome.ts'
import { aCertificate } from '../certificate.ts'
import { openWorld } from '../http/world.ts'
import { startReceiver } from '../receiver.ts'
import { captured } from './output.ts'
import { fleet, KEY, LOGIN, type World } from './world.ts'

const ROTATED = { accessKey: 'AKROTATED00000000000', secretKey: 'rotatedSecretKey0123456789abcdefghijklmn' }
const WEBHOOK_SECRET = 'hookSecret0123456789'
const SECRETS = {
  'the access key': KEY.accessKey,
  'the secret key': KEY.secretKey,
  'the rotated access key': ROTATED.accessKey,
  'the rotated secret key': ROTATED.secretKey,
  'the secret of the webhook': WEBHOOK_SECRET,
  'the password': LOGIN.password,
}

/** Every item of the table, and what its packed parts hold. */
async function tableText({ dynamo, table, store }: World): Promise<string> {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table.tableName }))
  const texts = [JSON.stringify(Items)]
  for (const { id, planning } of (await store.runs({ most: 100 })).items)
    for await (const part of store.outcomes({ runId: id, planning }, FIRST_OUTCOME))
      texts.push(JSON.stringify(part))
  return texts.join('\n')
}

test('neither secrets nor access keys are ever written, at any level, whatever happens', async () => {
  const output = captured()
  const identity = aCertificate(Date.now())
  setDefaultCACertificates([identity.cert])
  const receiver = await startReceiver(identity)
  const messages: string[] = []
  const world = await openWorld({
    servers: fleet(6, { 1: { locked: true }, 2: { status: 'SHUTOFF' } }),
    environment: { LOG_LEVEL: 'debug', METRICS_NAMESPACE: 'Curfew' },
    switches: { softHangs: [fleet(1)[0]!.id!], partialFail: { [fleet(4)[3]!.id!]: 'Ecs.0603' } },
    addressProblem: () => null,
    deliver: all => {
      messages.push(...all.map(({ record }) => record.body))
      return all
    },
  })
  const answers: string[] = []
  const ask = async (...asked: Parameters<typeof world.ask>) => {
    const reply = await world.ask(...asked)
    answers.push(reply.text)
    return reply
  }
  world.aws.secrets.set('curfew/key', JSON.stringify(KEY))
  world.aws.secrets.set('curfew/hook', WEBHOOK_SECRET)
  await world.connection({ credentials: { source: 'secretsManager', name: 'curfew/key' } })
  await world.connection({ id: 'stack', api: 'openstack' })
  // Agencies take the key of the variables on, and sessions end under their eyes.
  const agency = { name: 'curfew', domainName: 'acme', domainId: 'd78cbac186b744899480f25bd022f468' }
  world.simulator.agencies.push({ ...agency, trusts: [KEY.accessKey] })
  await world.connection({ id: 'by-name', assume: { agency: 'curfew', domainName: 'acme' } })
  await world.connection({ id: 'by-id', assume: { agency: 'curfew', domainId: agency.domainId } })
  const webhook = { url: `https://localhost:${receiver.port}/`, secretName: 'curfew/hook' }
  const policy = await world.policy({ nextDueAt: null, escalateAfterMinutes: 5, webhook })
  const runOf = async (overrides: object = {}) =>
    world.ended([await world.manualRun({ ...policy, ...overrides })])

  // A night as it should be; then one whose cloud throws back what it was sent; then a rotated key, and no key at all.
  await runOf()
  await runOf({ connection: 'stack' })
  await runOf({ connection: 'by-name' })
  world.simulator.endSessions()
  world.simulator.switches.faults.push({ match: { route: 'assume' }, times: 1, kind: 'wrongJson' })
  await ask('POST', '/v1/connections/by-name/check')
  await ask('POST', '/v1/connections/by-id/check')
  const echo = {
    error_code: 'APIGW.0301',
    error_msg: `bad key ${KEY.accessKey}, signed with ${KEY.secretKey}`,
  }
  world.simulator.switches.faults.push({ match: {}, times: 1, kind: 'status', status: 401, body: echo })
  await runOf()
  await world.store.removeKeyHealth('prod')
  world.simulator.keys.splice(0, 1, ROTATED)
  await runOf()
  await world.store.removeKeyHealth('prod')
  world.aws.secrets.set('curfew/key', JSON.stringify(ROTATED))
  vi.setSystemTime(Date.now() + 10 * 60_000)
  for (const path of ['/v1/connections', '/v1/connections/prod', '/v1/policies', '/v1/runs', '/v1/health'])
    expect((await ask('GET', path)).status).toBe(200)
  await ask('POST', '/v1/connections/prod/check')
  await ask('POST', '/v1/connections/stack/check')
  world.aws.secrets.set('curfew/key', `{"accessKey":"${KEY.accessKey}","secretKey":"${KEY.secretKey}"`)
  await ask('POST', '/v1/connections/prod/check')
  await runOf()
  await world.pass(5)

  const sessions = world.simulator.sessions.flatMap(({ accessKey, secretKey, securityToken }) =>
    [accessKey, secretKey, securityToken].map(secret => ['a key of an agency', secret] as const),
  )
  expect(sessions.length).toBeGreaterThan(6)
  const written = {
    'the log': output.text(),
    'the table': await tableText(world),
    'a message': messages.join('\n'),
    'a dead letter': STEPS.flatMap(step => world.queues.inspect(step).dead).join('\n'),
    'an event': JSON.stringify(world.aws.events),
    'a webhook': receiver.received.map(({ body }) => body).join('\n'),
    'an answer of the API': answers.join('\n'),
  }
  await world.close()
  await receiver.close()
  const leaks = Object.entries(written).flatMap(([where, text]) =>
    [...Object.entries(SECRETS), ...sessions].flatMap(([what, secret]) =>
      text.includes(secret) ? [`${what} in ${where}`] : [],
    ),
  )
  expect(leaks).toEqual([])
  for (const [where, text] of Object.entries(written))
    if (where !== 'a dead letter') expect(text.length, where).toBeGreaterThan(100)
  expect(written['the log']).toContain('"level":"DEBUG"')
  expect(written['the log']).toContain('credentials are refused')
  expect(written['the log']).toContain('bad key [hidden], signed with [hidden]')
  expect(receiver.received.length).toBeGreaterThan(2)
})
