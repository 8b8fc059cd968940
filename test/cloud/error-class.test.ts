import { describe, expect, it } from 'vitest'
import { causeOf, errorClass as classBy, readAgainAfterMs } from '../../lib/cloud/http/error-class.ts'
import { HUAWEI_CODES } from '../../lib/cloud/huawei/codes.ts'
import type { CloudErrorClass } from '../../lib/core/model/errors.ts'

const { isClockProblem } = HUAWEI_CODES
const errorClass = (answer: Parameters<typeof classBy>[0]) => classBy(answer, HUAWEI_CODES)
const classOf = (status: number, code: string | null, changing: boolean) =>
  errorClass({ status, code, message: '', changing })

/** Code, HTTP status, class of a call that changes something, class of one that does not. */
const TABLE: [string, number, CloudErrorClass, CloudErrorClass][] = [
  ['Common.0001', 500, 'ambiguous', 'unavailable'],
  ['Common.0002', 400, 'refused', 'refused'],
  ['Common.0011', 400, 'unattributed', 'refused'],
  ['Common.0013', 401, 'credentials', 'credentials'],
  ['Common.0018', 400, 'refused', 'refused'],
  ['Common.0020', 400, 'ambiguous', 'unavailable'],
  ['Common.0021', 400, 'ambiguous', 'unavailable'],
  ['Common.0022', 400, 'ambiguous', 'unavailable'],
  ['Common.0024', 202, 'throttled', 'throttled'],
  ['Common.0025', 400, 'unavailable', 'unavailable'],
  ['Common.0999', 400, 'ambiguous', 'unavailable'],
  ['Common.1503', 503, 'throttled', 'throttled'],
  ['Common.1503', 429, 'throttled', 'throttled'],
  ['Pdp.0001', 403, 'member', 'refused'],
  ['Ecs.0000', 400, 'unattributed', 'refused'],
  ['Ecs.0002', 400, 'ambiguous', 'unavailable'],
  ['Ecs.0003', 403, 'refused', 'refused'],
  ['Ecs.0005', 400, 'unattributed', 'refused'],
  ['Ecs.0023', 400, 'refused', 'refused'],
  ['Ecs.0018', 400, 'member', 'refused'],
  ['Ecs.0030', 400, 'member', 'refused'],
  ['Ecs.0044', 400, 'member', 'refused'],
  ['Ecs.0066', 403, 'refused', 'refused'],
  ['Ecs.0067', 403, 'refused', 'refused'],
  ['Ecs.0068', 403, 'refused', 'refused'],
  ['Ecs.0069', 403, 'refused', 'refused'],
  ['Ecs.0070', 403, 'refused', 'refused'],
  ['Ecs.0071', 403, 'refused', 'refused'],
  ['Ecs.0100', 400, 'member', 'refused'],
  ['Ecs.0110', 403, 'member', 'refused'],
  ['Ecs.0114', 404, 'member', 'refused'],
  ['Ecs.0118', 400, 'member', 'refused'],
  ['Ecs.0122', 400, 'unattributed', 'refused'],
  ['Ecs.0123', 400, 'unattributed', 'refused'],
  ['Ecs.0124', 400, 'unattributed', 'refused'],
  ['Ecs.0226', 400, 'ambiguous', 'unavailable'],
  ['Ecs.0227', 400, 'ambiguous', 'unavailable'],
  ['Ecs.0301', 400, 'unavailable', 'unavailable'],
  ['Ecs.0319', 400, 'member', 'refused'],
  ['Ecs.0603', 501, 'member', 'refused'],
  ['Ecs.0605', 400, 'member', 'refused'],
  ['Ecs.0611', 400, 'member', 'refused'],
  ['Ecs.0614', 404, 'member', 'refused'],
  ['Ecs.0615', 500, 'ambiguous', 'unavailable'],
  ['Ecs.1000', 400, 'ambiguous', 'unavailable'],
  ['Ecs.1001', 400, 'ambiguous', 'unavailable'],
  ['Ecs.1002', 400, 'ambiguous', 'unavailable'],
  ['Ecs.1100', 400, 'unavailable', 'unavailable'],
  ['BMS.0001', 400, 'unattributed', 'refused'],
  ['BMS.0002', 400, 'refused', 'refused'],
  ['BMS.0004', 400, 'refused', 'refused'],
  ['BMS.0005', 400, 'refused', 'refused'],
  ['BMS.0006', 400, 'unavailable', 'unavailable'],
  ['BMS.0018', 400, 'unattributed', 'refused'],
  ['BMS.0022', 400, 'unattributed', 'refused'],
  ['BMS.0032', 400, 'credentials', 'credentials'],
  ['BMS.0033', 403, 'refused', 'refused'],
  ['BMS.0035', 400, 'member', 'refused'],
  ['BMS.0036', 400, 'member', 'refused'],
  ['BMS.0037', 400, 'member', 'refused'],
  ['BMS.0038', 400, 'member', 'refused'],
  ['BMS.0039', 400, 'member', 'refused'],
  ['BMS.0040', 400, 'member', 'refused'],
  ['BMS.0205', 400, 'member', 'refused'],
  ['BMS.0212', 400, 'throttled', 'throttled'],
  ['BMS.0288', 403, 'member', 'refused'],
  ['BMS.0360', 400, 'member', 'refused'],
  ['BMS.0605', 400, 'member', 'refused'],
  ['BMS.1001', 400, 'unattributed', 'refused'],
  ['BMS.1006', 400, 'ambiguous', 'unavailable'],
  ['BMS.1007', 400, 'ambiguous', 'unavailable'],
  ['BMS.3011', 400, 'unattributed', 'refused'],
  ['APIGW.0101', 404, 'refused', 'refused'],
  ['APIGW.0103', 404, 'refused', 'refused'],
  ['APIGW.0104', 400, 'refused', 'refused'],
  ['APIGW.0105', 400, 'refused', 'refused'],
  ['APIGW.0106', 400, 'refused', 'refused'],
  ['APIGW.0201', 400, 'refused', 'refused'],
  ['APIGW.0201', 413, 'refused', 'refused'],
  ['APIGW.0201', 414, 'refused', 'refused'],
  ['APIGW.0201', 494, 'refused', 'refused'],
  ['APIGW.0201', 502, 'ambiguous', 'unavailable'],
  ['APIGW.0201', 504, 'ambiguous', 'unavailable'],
  ['APIGW.0301', 401, 'credentials', 'credentials'],
  ['APIGW.0302', 403, 'refused', 'refused'],
  ['APIGW.0303', 401, 'credentials', 'credentials'],
  ['APIGW.0304', 403, 'refused', 'refused'],
  ['APIGW.0305', 401, 'credentials', 'credentials'],
  ['APIGW.0306', 403, 'refused', 'refused'],
  ['APIGW.0307', 401, 'credentials', 'credentials'],
  ['APIGW.0308', 429, 'throttled', 'throttled'],
  ['APIGW.0310', 403, 'refused', 'refused'],
  ['APIGW.0401', 403, 'refused', 'refused'],
  ['APIGW.0402', 403, 'refused', 'refused'],
  ['APIGW.0404', 403, 'refused', 'refused'],
  ['APIGW.0501', 405, 'refused', 'refused'],
  ['APIGW.0502', 405, 'refused', 'refused'],
  ['APIGW.0601', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0602', 400, 'refused', 'refused'],
  ['APIGW.0605', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0606', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0608', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0609', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0610', 502, 'ambiguous', 'unavailable'],
  ['APIGW.0611', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0613', 503, 'unavailable', 'unavailable'],
  ['APIGW.0705', 500, 'ambiguous', 'unavailable'],
  ['APIGW.0801', 403, 'refused', 'refused'],
  ['APIGW.0802', 403, 'refused', 'refused'],
  ['itemNotFound', 404, 'member', 'refused'],
  ['conflictingRequest', 409, 'member', 'refused'],
  ['badRequest', 400, 'unattributed', 'refused'],
  ['forbidden', 403, 'unattributed', 'refused'],
  ['not-connected', 0, 'unavailable', 'unavailable'],
  ['timeout', 0, 'ambiguous', 'unavailable'],
  ['connection-lost', 0, 'ambiguous', 'unavailable'],
]

describe('what can be done about an answer', () => {
  it.each(TABLE)('%s with %i is %s for a stop and %s for a read', (code, status, stop, read) => {
    expect([classOf(status, code, true), classOf(status, code, false)]).toEqual([stop, read])
  })

  it.each([
    [200, 'ambiguous', 'refused'],
    [202, 'ambiguous', 'refused'],
    [302, 'refused', 'refused'],
    [400, 'unattributed', 'refused'],
    [401, 'credentials', 'credentials'],
    [403, 'unattributed', 'refused'],
    [404, 'unattributed', 'refused'],
    [408, 'ambiguous', 'unavailable'],
    [409, 'unattributed', 'refused'],
    [413, 'refused', 'refused'],
    [429, 'throttled', 'throttled'],
    [500, 'ambiguous', 'unavailable'],
    [502, 'ambiguous', 'unavailable'],
    [503, 'ambiguous', 'unavailable'],
    [504, 'ambiguous', 'unavailable'],
  ] as const)('%i without a code is %s for a stop and %s for a read', (status, stop, read) => {
    expect([classOf(status, null, true), classOf(status, null, false)]).toEqual([stop, read])
  })

  it.each(['Ecs.0114', 'Ecs.0005', 'APIGW.0301', 'Common.0001', 'BMS.0006'])(
    'a stop answered 200 with %s may have been carried out',
    code => expect(classOf(200, code, true)).toBe('ambiguous'),
  )

  it('the inner code is believed before the outer', () => {
    const answer = { status: 400, code: 'Ecs.1000', message: '', changing: true }
    expect(errorClass({ ...answer, innerCode: 'itemNotFound' })).toBe('member')
    expect(errorClass({ ...answer, innerCode: 'badRequest' })).toBe('unattributed')
    expect(errorClass({ ...answer, innerCode: 'nobody-knows' })).toBe('ambiguous')
  })

  it('a refused parameter is the fault of the servers that the answer names', () => {
    const answer = { status: 400, code: 'Ecs.0005', message: '', changing: true }
    expect(errorClass({ ...answer, serverIds: ['a'] })).toBe('member')
    expect(errorClass({ ...answer, serverIds: [] })).toBe('unattributed')
  })

  it.each([
    [400, 'Ecs.0219'],
    [409, 'Ecs.9999'],
    [403, 'http-403'],
  ])('a refusal that names nobody (%i %s) may be a server’s or the request’s own', (status, code) => {
    expect(classOf(status, code, true)).toBe('unattributed')
  })

  it('an account without rights is refused, whatever the answer names', () => {
    expect(errorClass({ status: 403, code: 'Ecs.0003', message: '', changing: true, serverIds: ['a'] })).toBe(
      'refused',
    )
  })

  it('a gateway that writes APIG for APIGW is understood', () => {
    expect(classOf(401, 'APIG.0301', true)).toBe('credentials')
    expect(classOf(503, 'APIG.0308', true)).toBe('throttled')
  })
})

describe('a refusal for want of capacity', () => {
  const judged = (answer: Omit<Parameters<typeof classBy>[0], 'changing'>) => [
    errorClass({ ...answer, changing: true }),
    causeOf(answer, HUAWEI_CODES),
  ]

  it.each(['Ecs.0018', 'Ecs.0044', 'Ecs.0319'])('is told by %s, whatever the words', code => {
    expect(judged({ status: 400, code, message: '' })).toEqual(['member', 'no-capacity'])
  })

  it.each(['Ecs.0226', 'Ecs.1000'])('is told by the words inside %s', code => {
    const inside = (message: string) => judged({ status: 400, code, innerCode: 'badRequest', message })
    for (const words of [
      'No valid host was found. There are not enough hosts available.',
      'Capacity is not enough.',
      'Insufficient resources for this flavor',
      '启动云服务器失败：资源不足',
      '{"message": "\\\\u8d44\\\\u6e90\\\\u4e0d\\\\u8db3"}',
    ])
      expect(inside(words)).toEqual(['member', 'no-capacity'])
    expect(judged({ status: 400, code, message: 'failed' })).toEqual(['ambiguous', undefined])
  })

  it('is told by Nova’s own words with any code, but not by a server error', () => {
    const message = 'No valid host was found.'
    expect(judged({ status: 400, code: 'badRequest', message })).toEqual(['member', 'no-capacity'])
    expect(judged({ status: 500, code: 'computeFault', message })).toEqual(['ambiguous', undefined])
  })

  it('is none where a code names another cause, or the words are of something else', () => {
    const message = 'the capacity of the disk is not to be changed'
    expect(judged({ status: 400, code: 'Ecs.1000', innerCode: 'Ecs.0605', message })[1]).toBe('locked')
    expect(judged({ status: 400, code: 'Ecs.0005', message })).toEqual(['unattributed', undefined])
  })
})

describe('a clock that is wrong', () => {
  it.each([
    ['APIGW.0305', ''],
    ['APIG.0305', ''],
    [
      'APIGW.0303',
      'Incorrect app authentication information: signature expired, signature time:20230527T000431Z',
    ],
    ['APIGW.0301', 'Incorrect IAM authentication information: x-sdk-date is too old'],
    [null, 'request timestamp out of range'],
  ])('is told by %s "%s"', (code, message) => {
    expect(isClockProblem({ code, message })).toBe(true)
  })

  it('is not told by the canonical request that a refused signature is answered with', () => {
    const message = 'verify aksk signature fail, canonicalRequest:GET|/v1/|x-sdk-date:20230301T084422Z|'
    expect(isClockProblem({ code: 'APIGW.0301', message })).toBe(false)
  })

  it('makes a 400 a matter of credentials', () => {
    expect(errorClass({ status: 400, code: null, message: 'timestamp out of range', changing: true })).toBe(
      'credentials',
    )
  })
})

describe('a failed read', () => {
  const failed = { class: 'throttled', attempt: 1, retryAfterSeconds: null, jitter: 0.5 } as const
  const waits = (overrides: Partial<Parameters<typeof readAgainAfterMs>[0]>) =>
    readAgainAfterMs({ ...failed, ...overrides })

  it('is tried four times, the waits doubling', () => {
    expect([1, 2, 3, 4].map(attempt => waits({ attempt }))).toEqual([500, 1000, 2000, null])
  })

  it('waits anything from nothing to the whole', () => {
    expect([0, 0.25, 0.999].map(jitter => waits({ jitter, attempt: 3 }))).toEqual([0, 1000, 3996])
  })

  it('waits at least as long as the cloud asks', () => {
    expect(waits({ retryAfterSeconds: 7 })).toBe(7000)
    expect(waits({ retryAfterSeconds: 0 })).toBe(500)
  })

  it('is given up when the cloud asks for more than 20 seconds', () => {
    expect([20, 21].map(retryAfterSeconds => waits({ retryAfterSeconds }))).toEqual([20_000, null])
  })

  it.each(['throttled', 'unavailable'] as const)('is tried again when %s', kind => {
    expect(waits({ class: kind })).toBe(500)
  })

  it.each(['credentials', 'refused', 'member', 'ambiguous'] as const)('is not tried again when %s', kind => {
    expect(waits({ class: kind })).toBeNull()
  })
})
