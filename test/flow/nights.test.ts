import { expect, test } from 'vitest'
import { liveNights } from './nights.ts'

test('two nights and mornings of six policies over 240 servers in a world full of faults end right', async () => {
  const figures = await liveNights({ policies: 6, servers: 240, nights: 2, seed: 20261121 })
  console.log(figures)
  expect(figures.runs).toBe(24)
  expect(figures.faults).toBeGreaterThan(0)
}, 300_000)
