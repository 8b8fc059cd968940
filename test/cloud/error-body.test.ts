import { describe, expect, it } from 'vitest'
import { errorIn, idsNamedIn, jsonOf, plainText, shortenMessage } from '../../lib/cloud/http/error-body.ts'

const novaFault = JSON.stringify({ badRequest: { message: 'no such volume', code: 400 } })

const SHAPES: [string, unknown, { code: string | null; innerCode: string | null; message: string }][] = [
  [
    'ECS and BMS tasks',
    { error: { code: 'Ecs.0005', message: 'invalid' } },
    { code: 'Ecs.0005', innerCode: null, message: 'invalid' },
  ],
  [
    'ECS with details',
    {
      error: { code: 'Ecs.0005', message: 'invalid', details: [{ code: 'Ecs.0057', message: 'no flavor' }] },
    },
    { code: 'Ecs.0005', innerCode: 'Ecs.0057', message: 'invalid no flavor' },
  ],
  [
    'ECS with a Nova fault inside its message',
    { error: { code: 'Ecs.1000', message: novaFault } },
    { code: 'Ecs.1000', innerCode: 'badRequest', message: 'no such volume' },
  ],
  [
    'ECS with an ECS error inside its message',
    { error: { code: 'Ecs.1000', message: '{"error":{"code":"Ecs.0614","message":"gone"}}' } },
    { code: 'Ecs.1000', innerCode: 'Ecs.0614', message: 'gone' },
  ],
  [
    'bulk answers with internalError',
    { error: { code: 'Ecs.0611', message: 'failed' }, internalError: [{ id: 'a', error_code: 'Ecs.0100' }] },
    { code: 'Ecs.0611', innerCode: null, message: 'failed' },
  ],
  [
    'the API gateway',
    { error_code: 'APIGW.0301', error_msg: 'bad key', request_id: 'r' },
    { code: 'APIGW.0301', innerCode: null, message: 'bad key' },
  ],
  [
    'newer IAM',
    { error_code: 'PAP5.0001', error_msg: 'denied', encoded_authorization_message: 'zzz' },
    { code: 'PAP5.0001', innerCode: null, message: 'denied' },
  ],
  [
    'errorCode and errorMsg',
    { errorCode: 'X.1', errorMsg: 'why' },
    { code: 'X.1', innerCode: null, message: 'why' },
  ],
  [
    'errorCode and errorMessage',
    { errorCode: 'X.1', errorMessage: 'why' },
    { code: 'X.1', innerCode: null, message: 'why' },
  ],
  ['code and message', { code: 'X.1', message: 'why' }, { code: 'X.1', innerCode: null, message: 'why' }],
  [
    'Nova',
    { itemNotFound: { code: 404, message: 'no server' } },
    { code: 'itemNotFound', innerCode: null, message: 'no server' },
  ],
  [
    'Nova, conflict',
    { conflictingRequest: { code: 409, message: 'stopped' } },
    { code: 'conflictingRequest', innerCode: null, message: 'stopped' },
  ],
  [
    'Nova’s router, whose code repeats the status',
    { message: 'no such path', code: '404 Not Found', title: 'Not Found' },
    { code: null, innerCode: null, message: 'no such path' },
  ],
  [
    'IAM, whose code is a number',
    { error: { code: 401, message: 'log in', title: 'Unauthorized' } },
    { code: null, innerCode: null, message: 'log in' },
  ],
]

describe('an error’s body', () => {
  it.each(SHAPES)('is read in the shape of %s', (_shape, body, expected) => {
    expect(errorIn(body)).toEqual(expected)
  })

  it.each([
    ['an accepted stop', { job_id: 'ff80' }],
    ['a list', { count: 0, servers: [] }],
    [
      'a job that succeeded',
      { status: 'SUCCESS', error_code: null, fail_reason: null, entities: { sub_jobs: [] } },
    ],
    ['an array', [{ code: 'X.1' }]],
    ['a text', 'Ecs.0005'],
    ['nothing', undefined],
    ['null', null],
  ])('is not seen in %s', (_what, body) => {
    expect(errorIn(body)).toBeNull()
  })

  it('that is no JSON is no JSON', () => {
    expect([jsonOf('<html>'), jsonOf(''), jsonOf('{"a":1}')]).toEqual([undefined, undefined, { a: 1 }])
  })

  it('that is a page is read without its markup', () => {
    const page =
      '<html><head><style>b{}</style></head><body><h1>502 Bad\n Gateway</h1><script>x<1</script></body></html>'
    expect(shortenMessage(plainText(page))).toBe('502 Bad Gateway')
  })

  it('is cut when it is long', () => {
    expect(shortenMessage('a'.repeat(501))).toBe(`${'a'.repeat(500)}…`)
    expect(shortenMessage('a'.repeat(500))).toBe('a'.repeat(500))
  })
})

describe('the servers that an answer names', () => {
  const one = '616fb98f-46ca-475e-917e-2563e5a8cd19'
  const other = '726fb98f-46ca-475e-917e-2563e5a8cd20'

  it.each([
    ['in a sentence', `Server ${one} is locked.`],
    ['in brackets', `[${one}]`],
    ['in JSON', JSON.stringify({ error: { details: [{ server: one }] } })],
    ['in JSON within JSON', JSON.stringify({ m: JSON.stringify({ m: JSON.stringify({ id: one }) }) })],
    ['after a line end within JSON', JSON.stringify({ m: `these:\n${one}` })],
  ])('are found %s', (_where, body) => {
    expect(idsNamedIn(body, [one, other])).toEqual([one])
  })

  it('are our own only', () => {
    expect(idsNamedIn(`Server ${other} is locked`, [one])).toEqual([])
  })

  it('are whole words', () => {
    expect(idsNamedIn('s10 is locked', ['s1', 's10'])).toEqual(['s10'])
  })
})
