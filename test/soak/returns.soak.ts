import { test } from 'vitest'
import { liveReturns } from '../flow/returns.ts'
import { nights, seed } from './settings.ts'

test(`whatever befalls overlapping policies, each server comes back, or somebody sees why not (SEED=${seed})`, async () => {
  await liveReturns({ stories: nights, seed, days: 4 })
}, 7_200_000)
