import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  packMembers,
  packPlaces,
  packSettled,
  unpackMembers,
  unpackPlaces,
  unpackSettled,
} from '../../lib/aws/store/pack.ts'
import type { Settled } from '../../lib/core/model/outcome.ts'
import { at, START } from '../makers.ts'

const member = (id: fc.Arbitrary<string>) => fc.record({ id, name: fc.string() })

describe('what is packed comes out as it went in', () => {
  test('servers, whether their ids are UUIDs or anything else', () => {
    const lists = fc.oneof(fc.array(member(fc.uuid())), fc.array(member(fc.string({ minLength: 1 }))))
    fc.assert(
      fc.property(lists, members => {
        expect(unpackMembers(packMembers(members))).toEqual(members)
      }),
    )
  })

  test('places', () => {
    const places = fc
      .uniqueArray(fc.integer({ min: 0, max: 999 }))
      .map(list => list.toSorted((a, b) => a - b))
    fc.assert(
      fc.property(places, list => {
        expect(unpackPlaces(packPlaces(list, 1000))).toEqual(list)
      }),
    )
  })

  test('outcomes, those that are there', () => {
    const settled = (code: Settled['code']): Settled => ({
      status: 'stopped',
      code,
      reason: `because of ${code}`,
      mode: 'soft',
      jobId: 'j',
      requestId: null,
      requestedAt: at(START),
      endedAt: at(START + 1),
    })
    const some = fc.uniqueArray(
      fc.tuple(
        fc.integer({ min: 0, max: 99 }),
        fc.constantFrom('stopped' as const, 'escalated' as const, 'answer-lost' as const),
      ),
      {
        selector: ([place]) => place,
      },
    )
    fc.assert(
      fc.property(some, entries => {
        const map = new Map(entries.map(([place, code]) => [place, settled(code)]))
        expect(unpackSettled(packSettled(map, 100))).toEqual(map)
      }),
    )
  })
})

describe('a thousand servers', () => {
  const uuid = (n: number) => `616fb98f-46ca-475e-917e-${String(n).padStart(12, '0')}`
  const members = Array.from({ length: 1000 }, (_, n) => ({ id: uuid(n), name: `dev-checkout-web-${n}` }))

  test('take 16 bytes each, and a few for the name', () => {
    const { ids, names } = packMembers(members)
    expect(ids.length).toBe(16_000)
    expect(names.length).toBeLessThan(4000)
  })

  test('that end alike take less than a kilobyte of outcomes', () => {
    const one: Settled = {
      status: 'stopped',
      code: 'stopped',
      reason: 'seen off after the request',
      mode: 'soft',
      jobId: 'ff8080829585af7f0195c1ea67d24848',
      requestId: '0123456789abcdef0123456789abcdef',
      requestedAt: at(START),
      endedAt: at(START + 40_000),
    }
    expect(packSettled(new Map(members.map((_, place) => [place, one])), 1000).length).toBeLessThan(1024)
  })
})
