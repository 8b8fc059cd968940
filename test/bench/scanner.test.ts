import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serverText } from '../../bench/cloud/record.ts'
import { createScanner } from '../../bench/peers/scanner.ts'

interface Wire {
  count: number
  servers: { id: string; status: string }[]
}

test('the limit’s scanner sees in a page, however it is cut, what JSON.parse sees in the whole', () => {
  const shown = fc.constantFrom('up', 'stopping', 'off')
  fc.assert(
    fc.property(fc.array(shown, { maxLength: 4 }), fc.integer({ min: 1, max: 999 }), (states, cut) => {
      const records = states.map((state, place) => serverText(place, { kind: 'ecs', shown: state }))
      const page = Buffer.from(`{"count":${cut},"servers":[${records.join(',')}]}`)
      const seen: Wire['servers'] = []
      const scanner = createScanner((id, status) => seen.push({ id, status }))
      for (let at = 0; at < page.length; at += cut) scanner.push(page.subarray(at, at + cut))
      const { count, servers } = JSON.parse(page.toString()) as Wire
      expect([scanner.count(), scanner.servers()]).toEqual([count, servers.length])
      expect(seen).toEqual(servers.map(({ id, status }) => ({ id, status })))
    }),
  )
})
