import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { aNovaWire, novaServer, PASSWORD, TOKEN_LIFE_MS, tokenReply } from './nova-wire.ts'
import { cloudErrorOf, NOW, PROJECT, type Reply } from './wire.ts'

const ID = '616fb98f-46ca-475e-917e-2563e5a8cd19'
const SERVER: Reply = { body: { server: novaServer(ID) } }
const UNAUTHORIZED: Reply = {
  status: 401,
  body: {
    error: {
      code: 401,
      title: 'Unauthorized',
      message: 'The request you have made requires authentication.',
    },
  },
}
const APPLICATION = {
  applicationCredentialId: '21dced0fd20347869b93710d2b98aae0',
  applicationCredentialSecret: 'exampleApplicationSecret0',
}
type OpenCloud = Awaited<ReturnType<typeof aNovaWire>>
const read = ({ open }: OpenCloud) => open().serversById('ecs', [ID], null)

describe('a token', () => {
  it('is asked for by password, for the project of the connection, without the list of services', async () => {
    const wire = await aNovaWire({ nova: () => SERVER })
    await read(wire)
    expect(wire.tokens).toMatchObject([{ method: 'POST', target: '/v3/auth/tokens?nocatalog=true' }])
    const { username: name, password, domainName } = PASSWORD
    expect(JSON.parse(wire.tokens[0]!.body)).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name, password, domain: { name: domainName } } },
        },
        scope: { project: { id: PROJECT } },
      },
    })
    expect(wire.calls[0]?.headers['x-auth-token']).toBe('gAAAAAtoken-1')
  })

  it('is asked for by application credential, which takes no scope', async () => {
    const wire = await aNovaWire({ nova: () => SERVER, secret: JSON.stringify(APPLICATION) })
    await read(wire)
    expect(JSON.parse(wire.tokens[0]!.body)).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: {
            id: APPLICATION.applicationCredentialId,
            secret: APPLICATION.applicationCredentialSecret,
          },
        },
      },
    })
  })

  it('is kept for the connection: whoever opens it again, or asks at the same time, has the same', async () => {
    const wire = await aNovaWire({ nova: () => SERVER })
    await Promise.all(Array.from({ length: 10 }, () => read(wire)))
    await read(wire)
    expect([wire.tokens.length, wire.calls.length]).toEqual([1, 11])
  })

  it.each([
    ['until two minutes before its end', TOKEN_LIFE_MS - 120_001, 1],
    ['no longer', TOKEN_LIFE_MS - 120_000, 2],
  ])('is kept %s', async (_long, laterMs, tokens) => {
    let nowMs = NOW
    const wire = await aNovaWire({ nova: () => SERVER, now: () => nowMs })
    await read(wire)
    nowMs += laterMs
    await read(wire)
    expect(wire.tokens).toHaveLength(tokens)
  })

  it('lives as long as the cloud says, whatever the clock here says', async () => {
    const hoursAhead = NOW + 6 * 3_600_000
    const wire = await aNovaWire({ nova: () => SERVER, now: () => hoursAhead })
    await read(wire)
    await read(wire)
    expect(wire.tokens).toHaveLength(1)
  })

  it('of a secret that was changed is not used for the new one', async () => {
    const wire = await aNovaWire({ nova: () => SERVER })
    await read(wire)
    const changed = await aNovaWire({
      secret: { ...PASSWORD, password: 'another' },
      connection: wire.connection,
    })
    await read(changed)
    expect(wire.tokens).toHaveLength(2)
  })

  it('that could not be had is asked for again, and the next call begins anew', async () => {
    const wire = await aNovaWire({
      nova: () => SERVER,
      keystone: (_received, n) => (n <= 5 ? { status: 503, body: '' } : tokenReply(n)),
    })
    expect((await cloudErrorOf(read(wire))).details.class).toBe('unavailable')
    expect([wire.tokens.length, wire.waitsMs]).toEqual([4, [500, 1000, 2000]])
    await read(wire)
    expect(wire.tokens).toHaveLength(6)
  })
})

describe('a token that the cloud refuses', () => {
  it('is renewed once, and the same is asked again', async () => {
    const wire = await aNovaWire({
      nova: ({ headers }) => (headers['x-auth-token'] === 'gAAAAAtoken-1' ? UNAUTHORIZED : SERVER),
    })
    expect((await read(wire)).size).toBe(1)
    expect(wire.calls.map(({ headers }) => headers['x-auth-token'])).toEqual([
      'gAAAAAtoken-1',
      'gAAAAAtoken-2',
    ])
    expect(wire.waitsMs).toEqual([])
  })

  it('is renewed for a stop, too: nothing was carried out', async () => {
    const wire = await aNovaWire({
      nova: ({ headers }) =>
        headers['x-auth-token'] === 'gAAAAAtoken-1' ? UNAUTHORIZED : { status: 202, body: '' },
    })
    expect(await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID])).toMatchObject({
      refused: [],
      lost: [],
      unsent: [],
    })
    expect(wire.calls).toHaveLength(2)
  })

  it('is renewed once for all who held it', async () => {
    const wire = await aNovaWire({
      nova: ({ headers }) =>
        headers['x-auth-token'] === 'gAAAAAtoken-1' ? UNAUTHORIZED : { status: 202, body: '' },
    })
    const ids = Array.from({ length: 40 }, (_, n) => `server-${n}`)
    expect(await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids)).toMatchObject({
      refused: [],
      lost: [],
      unsent: [],
    })
    expect(wire.tokens).toHaveLength(2)
  })

  it('after a renewal is an error of the credentials', async () => {
    const wire = await aNovaWire({ nova: () => UNAUTHORIZED })
    const { details } = await cloudErrorOf(read(wire))
    expect(details).toMatchObject({ class: 'credentials', status: 401 })
    expect([wire.tokens.length, wire.calls.length]).toEqual([2, 2])
  })
})

describe('Keystone’s refusal', () => {
  it('of a password is an error of the credentials, and is not tried again', async () => {
    const wire = await aNovaWire({ keystone: () => UNAUTHORIZED })
    const { details, message } = await cloudErrorOf(read(wire))
    expect(details).toMatchObject({ class: 'credentials', status: 401 })
    expect(message).toContain('token (POST ')
    expect([wire.tokens.length, wire.calls.length]).toEqual([1, 0])
  })

  it('of the form of a request says what it expected', async () => {
    const message = 'Expecting to find domain in user.'
    const wire = await aNovaWire({
      keystone: () => ({ status: 400, body: { error: { code: 400, message, title: 'Bad Request' } } }),
    })
    const error = await cloudErrorOf(read(wire))
    expect(error.details.class).toBe('refused')
    expect(error.message).toContain(message)
  })
})

describe('a token that is of no use', () => {
  it('for it is another project’s is an error of the credentials that names both', async () => {
    const wire = await aNovaWire({ keystone: (_received, n) => tokenReply(n, { project: { id: 'other' } }) })
    const { details, message } = await cloudErrorOf(read(wire))
    expect(details).toMatchObject({ class: 'credentials', code: 'wrong-project' })
    expect(message).toContain(`expected one for project ${PROJECT}, got one for other`)
  })

  it('for it is not there says where it was expected', async () => {
    const wire = await aNovaWire({ keystone: () => ({ ...tokenReply(1), headers: {} }) })
    const { details, message } = await cloudErrorOf(read(wire))
    expect(details.code).toBe('no-token')
    expect(message).toContain('X-Subject-Token')
  })
})

describe('a secret', () => {
  it('that lacks something is refused before anything is sent, by the names of its variables', async () => {
    const connection = { credentials: { source: 'environment' as const, name: 'LAB_' } }
    await expect(aNovaWire({ secret: { username: 'u' }, connection })).rejects.toThrow(
      /LAB_OS_PASSWORD: .*; LAB_OS_USER_DOMAIN_NAME: /,
    )
    const half = { applicationCredentialId: 'a' }
    await expect(aNovaWire({ secret: half, connection })).rejects.toThrow(
      /LAB_OS_APPLICATION_CREDENTIAL_SECRET: /,
    )
  })

  it.each([
    ['a password', PASSWORD, [PASSWORD.password]],
    ['an application credential', APPLICATION, Object.values(APPLICATION)],
  ])(
    'that is %s is in no error, nor is its token, even where the cloud repeats them',
    async (_what, secret, parts) => {
      const hidden = [...parts, 'gAAAAAtoken-1']
      const tellTale: Reply = { status: 500, body: { error: { message: hidden.join(' ') } } }
      const atKeystone = await aNovaWire({ secret, keystone: () => tellTale })
      const atNova = await aNovaWire({ secret, nova: () => tellTale })
      const errors = [await cloudErrorOf(read(atKeystone)), await cloudErrorOf(read(atNova))]
      for (const error of errors) {
        const shown = `${inspect(error, { depth: null, showHidden: true })} ${error.stack}`
        expect(shown).toContain('[hidden]')
        for (const part of error === errors[0] ? parts : hidden) expect(shown).not.toContain(part)
      }
    },
  )
})
