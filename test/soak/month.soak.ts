import { expect, test } from 'vitest'
import { liveNights } from '../flow/nights.ts'
import { nights, seed } from './settings.ts'

test(`a month of nights and mornings of 200 policies over 20,000 servers in a world full of faults ends right (SEED=${seed} NIGHTS=${nights})`, async () => {
  const figures = await liveNights({ policies: 200, servers: 20_000, nights, seed })
  console.log(figures)
  expect(figures.runs).toBe(2 * 200 * nights)
}, 7_200_000)
