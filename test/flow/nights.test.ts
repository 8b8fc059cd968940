import { expect, test } from 'vitest'
import { liveNights } from './nights.ts'

test('two nights and mornings of ten policies over 400 servers in a world full of faults end right', async () => {
  const figures = await liveNights({ policies: 10, servers: 400, nights: 2, seed: 20261121 })
  console.log(figures)
  expect(figures.runs).toBe(40)
  expect(figures.faults).toBeGreaterThan(0)
}, 300_000)
