import { expect, test } from 'vitest'
import * as z from 'zod'
import { type Api, gather } from '../../cli/api.ts'

const PAGES = [
  { items: [1, 2], nextCursor: 'b', unreadable: ['x'], unreachable: [{ connection: 'lost' }] },
  { items: [3], nextCursor: 'c', unreachable: [] },
  { items: [4], nextCursor: null, unreachable: [], unreadable: ['y'] },
]
const schema = z.object({
  items: z.array(z.number()),
  nextCursor: z.string().nullable(),
  unreachable: z.array(z.object({ connection: z.string() })),
  unreadable: z.array(z.string()).optional(),
})

test('what any page says beside its items is told, not that of the last one alone', async () => {
  const pages = [...PAGES]
  const get = async () => {
    const raw = pages.shift()
    return { value: schema.parse(raw), raw }
  }
  const answered = await gather({ get } as unknown as Api, { schema, path: '/v1/x', query: {}, limit: null })
  const whole = {
    items: [1, 2, 3, 4],
    nextCursor: null,
    unreadable: ['x', 'y'],
    unreachable: [{ connection: 'lost' }],
  }
  expect(answered).toEqual({ value: whole, raw: whole })
})
