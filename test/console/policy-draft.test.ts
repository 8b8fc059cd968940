import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  draftOf,
  editableFields,
  newPolicy,
  newStart,
  valueAt,
  withField,
  withKind,
  withText,
} from '../../console/policies/edit/draft.ts'
import * as notations from '../../console/policies/edit/form/notation.ts'
import {
  type Json,
  type JsonObject,
  lineOfPath,
  readJsonText,
} from '../../console/policies/edit/json-text.ts'
import { fieldConflicts, fieldEdits, mergeOnTop } from '../../console/policies/edit/merge.ts'
import { Policy } from '../../lib/core/model/model.ts'
import { PolicyDocument, SnoozedPolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { aPolicyBody } from '../makers.ts'

const anObject = (): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('JSON as it is typed', () => {
  property.prop([fc.jsonValue(), fc.constantFrom(0, 2)])('is read as it was written', (value, indent) => {
    const text = JSON.stringify(value, null, indent)
    expect(readJsonText(text)).toMatchObject({ value: JSON.parse(text) })
  })

  const aTypo = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '{', ']', '01', '.5', '\n', 'nul', '\\', '-', 'e5', '\u0001'),
    )
    .map(([text, at, typo]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + typo + text.slice(typo === '' ? place + 1 : place)
    })
  const hasDoubledName = (text: string) =>
    'problem' in readJsonText(text) && /twice/.test(JSON.stringify(readJsonText(text)))
  property.prop([aTypo], { numRuns: 2000 })('is refused exactly where JSON.parse refuses it', text => {
    let expected: unknown
    try {
      expected = { value: JSON.parse(text) }
    } catch {
      expected = { problem: { line: expect.any(Number), column: expect.any(Number) } }
    }
    if (!hasDoubledName(text)) expect(readJsonText(text)).toMatchObject(expected as object)
  })

  test.each([
    ['{\n  "a": 1,\n  b: 2\n}', { line: 3, column: 3, message: 'expected a name in double quotes, got "b"' }],
    ['{"a": 1', { line: 1, column: 8, message: 'expected a comma or }, got the end' }],
    ['{"a": 1,\n}', { line: 2, column: 1, message: 'expected a name in double quotes, got "}"' }],
    ['{"a": 1, "a": 2}', { line: 1, column: 10, message: 'the name "a" stands here twice' }],
    [
      '{"a": "x\n"}',
      { line: 1, column: 7, message: 'expected a text that ends with " on the same line, got "\\""' },
    ],
    ['{} x', { line: 1, column: 4, message: 'expected the end, got "x"' }],
  ])('%j says where it goes wrong', (text, problem) => {
    expect(readJsonText(text)).toEqual({ problem })
  })

  test('each part of it has its line', () => {
    const read = readJsonText(
      '{\n  "schedule": {\n    "cron": "x"\n  },\n  "ids": [\n    "a",\n    "b"\n  ]\n}',
    )
    const lines = 'lines' in read ? read.lines : new Map()
    expect(
      ['schedule.cron', 'ids.1', 'schedule.timeZone', 'body'].map(path => lineOfPath(lines, path)),
    ).toEqual([3, 7, 2, 1])
  })
})

describe('the form and the JSON', () => {
  test('a field of the form changes that field of the JSON alone, and unknown ones stay', () => {
    const draft = draftOf({ id: 'a', later: { than: 'this' }, schedule: { cron: '0 20 * * *', other: 1 } })
    expect(JSON.parse(withField(draft, 'schedule.cron', '0 21 * * *').text)).toEqual({
      id: 'a',
      later: { than: 'this' },
      schedule: { cron: '0 21 * * *', other: 1 },
    })
  })

  test('text that cannot be read stays as typed, and the form shows what it said before', () => {
    const draft = withText(draftOf({ id: 'a' }), '{"id": "b')
    expect(draft).toMatchObject({ text: '{"id": "b', document: { id: 'a' }, problem: { line: 1, column: 8 } })
    expect(withText(draft, '{"id": "b"}')).toEqual({
      text: '{"id": "b"}',
      document: { id: 'b' },
      problem: null,
    })
  })

  test('a text that is no object is told so', () => {
    expect(withText(draftOf({}), '[]').problem?.message).toBe('expected an object: { … }')
  })

  property.prop([
    anObject(),
    fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    fc.jsonValue(),
  ])('a value is found where it was put', (document, path, value) => {
    const names = path.map(name => name.replaceAll('.', ''))
    const put = withField(draftOf(document), names.join('.'), value as Json)
    expect(valueAt(put.document, names)).toEqual(value)
  })

  test('bare metal is stopped hard, and consent is not carried over', () => {
    const metal = withKind(draftOf({ kind: 'ecs', mode: 'soft', escalateAfterMinutes: 5 }), 'bms')
    expect(metal.document).toEqual({
      kind: 'bms',
      mode: 'hard',
      escalateAfterMinutes: null,
      acceptPowerCut: false,
    })
    const agreed = withField(metal, 'acceptPowerCut', true)
    expect(withKind(agreed, 'ecs').document).toMatchObject({ mode: 'soft', acceptPowerCut: false })
  })

  test('what is edited is what a PUT takes, and nothing that Curfew keeps beside it', () => {
    const answered = Object.fromEntries(
      Object.keys({ ...PolicyDocument.shape, ...SnoozedPolicyDocument.shape }).map(name => [name, 1]),
    )
    expect(Object.keys(editableFields(answered)).sort()).toEqual(Object.keys(Policy.in.shape).sort())
  })

  test('a policy from nothing says every default as the API has it', () => {
    const fresh = { ...newPolicy('prod', 'UTC'), id: 'new', selector: { all: true } }
    expect(Policy.parse(fresh)).toEqual(fresh)
    const least = { id: 'new', connection: 'prod', kind: 'ecs', selector: { all: true } }
    const schedule = { cron: '0 20 * * 1-5', timeZone: 'UTC' }
    expect(Policy.parse({ ...least, schedule })).toEqual(fresh)
    const start = { cron: '0 7 * * 1-5' }
    expect(Policy.parse({ ...least, schedule, start }).start).toEqual(newStart('0 20 * * 1-5'))
  })
})

describe('values as they are written in the form', () => {
  const aWord = fc.stringMatching(/^[a-z0-9-]{1,8}$/)
  const someTags = fc.dictionary(aWord, fc.array(aWord, { maxLength: 3 }), { minKeys: 1 })
  property.prop([someTags])('tags are read as they are printed', tags => {
    const text = notations.TAGS.print(tags)
    expect(plain(notations.TAGS.parse(text!))).toEqual(plain(tags))
  })

  const someCalendars = fc.array(fc.record({ id: aWord, effect: fc.constantFrom('skip', 'also', 'other') }))
  const someTold = fc.array(fc.record({ channel: aWord, on: fc.array(aWord, { maxLength: 3 }) }))
  property.prop([someCalendars, someTold])(
    'calendars and channels are read as they are printed',
    (used, told) => {
      expect(plain(notations.CALENDARS.parse(notations.CALENDARS.print(used)!))).toEqual(plain(used))
      expect(plain(notations.TOLD.parse(notations.TOLD.print(told)!))).toEqual(plain(told))
    },
  )

  test.each([
    ['a field more', [{ channel: 'ops', on: ['failed'], of: 'us' }], notations.TOLD],
    ['no name', [{ channel: 5, on: ['failed'] }], notations.TOLD],
    ['a text for a list', [{ channel: 'ops', on: 'failed' }], notations.TOLD],
    ['a list for a text', [{ id: 'a', effect: ['skip'] }], notations.CALENDARS],
    ['an empty effect', [{ id: 'a', effect: '' }], notations.CALENDARS],
    ['no list', { id: 'a', effect: 'skip' }, notations.CALENDARS],
    ['nothing', null, notations.CALENDARS],
  ])('what the form cannot show is left to the JSON: %s', (_, value, notation) => {
    expect(notation.print(value as Json)).toBeNull()
  })

  property.prop([fc.double({ min: 0.0001, max: 1, noNaN: true }).map(share => Number(share.toFixed(4)))])(
    'a share is read as it is printed',
    share => {
      const percent = notations.percentOr(0.1)
      expect(percent.parse(percent.print(share)!)).toBe(share)
    },
  )

  property.prop([fc.jsonValue(), fc.constantFrom(...Object.values(notations).filter(one => 'parse' in one))])(
    'what a field prints, it reads as the same value, or else it prints nothing',
    (value, notation) => {
      const text = notation.print(value as Json)
      if (text !== null && text !== '')
        expect(plain([notation.parse(text, value as Json)])).toEqual([plain(value)])
    },
  )

  test.each([
    ['TAGS', notations.TAGS, 'env = dev, test\n role\n', { env: ['dev', 'test'], role: [] }],
    ['TAGS', notations.TAGS, 'env=a=b', { env: ['a=b'] }],
    ['TAGS', notations.TAGS, '  ', undefined],
    ['OPTIONAL_WORDS', notations.OPTIONAL_WORDS, 'a, b\nc', ['a', 'b', 'c']],
    ['WORDS', notations.WORDS, '', []],
    ['CALENDARS', notations.CALENDARS, 'holidays\n', [{ id: 'holidays', effect: 'skip' }]],
    ['CALENDARS', notations.CALENDARS, 'a = also', [{ id: 'a', effect: 'also' }]],
    ['TOLD', notations.TOLD, 'ops = failed, partial', [{ channel: 'ops', on: ['failed', 'partial'] }]],
    ['TOLD', notations.TOLD, ' ', []],
    ['NUMBER', notations.NUMBER, '12x', '12x'],
    ['NUMBER', notations.NUMBER, '', undefined],
    ['OPTIONAL_TEXT', notations.OPTIONAL_TEXT, '', undefined],
  ])('%s reads %j', (_, notation, text, expected) => {
    expect(notation.parse(text)).toEqual(expected)
  })

  test('a limit is null when empty, and its default when absent', () => {
    const number = notations.nullableNumber(3)
    expect([number.parse(' '), number.print(undefined), number.print(null)]).toEqual([null, '3', ''])
  })

  test('the secret of a webhook stays when its address changes', () => {
    const before = { url: 'https://a.example', secretName: 'curfew/hook' }
    expect(notations.WEBHOOK.parse('https://b.example', before)).toEqual({
      ...before,
      url: 'https://b.example',
    })
    expect(notations.WEBHOOK.parse('', before)).toBeNull()
  })
})

describe('two edits of one policy', () => {
  const opened = plain(
    aPolicyBody({ description: 'one', limits: { maxServers: 5, maxPercent: null } }),
  ) as JsonObject
  const theirs = { ...opened, description: 'two', limits: { maxServers: 9, maxPercent: null } }
  const mine = { ...opened, description: 'three', limits: { maxServers: 5, maxPercent: 50 } }

  test('are compared field by field', () => {
    expect(fieldConflicts({ opened, theirs, mine })).toEqual([
      { path: 'description', opened: 'one', theirs: 'two', mine: 'three', changedBy: 'both' },
      { path: 'limits.maxServers', opened: 5, theirs: 9, mine: 5, changedBy: 'them' },
      { path: 'limits.maxPercent', opened: null, theirs: null, mine: 50, changedBy: 'me' },
    ])
  })

  test('mine goes on top of theirs, and what I did not touch stays theirs', () => {
    expect(mergeOnTop({ opened, theirs, mine })).toEqual({
      ...opened,
      description: 'three',
      limits: { maxServers: 9, maxPercent: 50 },
    })
  })

  test('a start that they changed and I took out is one difference', () => {
    const before = { start: { cron: 'a', servers: 'stopped' } }
    const versions = {
      opened: before,
      theirs: { start: { cron: 'b', servers: 'stopped' } },
      mine: { start: null },
    }
    expect(fieldConflicts(versions)).toMatchObject([{ path: 'start', changedBy: 'both', mine: null }])
    expect(mergeOnTop(versions)).toEqual({ start: null })
  })

  property.prop([anObject(), anObject()])(
    'mine alone, or theirs alone, is what comes out',
    (before, after) => {
      expect(mergeOnTop({ opened: before, theirs: before, mine: after })).toEqual(after)
      expect(mergeOnTop({ opened: before, theirs: after, mine: before })).toEqual(after)
      expect(fieldEdits(before, before)).toEqual([])
    },
  )
})
