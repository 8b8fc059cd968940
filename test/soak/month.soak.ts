import { expect, test } from 'vitest'
import { liveNights } from '../flow/nights.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const nights = Number(process.env.NIGHTS ?? 30)

test(`a month of 200 policies over 20,000 servers in a world full of faults ends right (SEED=${seed} NIGHTS=${nights})`, async () => {
  const figures = await liveNights({ policies: 200, servers: 20_000, nights, seed })
  console.log(figures)
  expect(figures.runs).toBe(200 * nights)
}, 7_200_000)
