import { test } from 'vitest'
import { liveReturns } from './returns.ts'

// Thousands of days of them: `npm run soak`.
test('whatever befalls overlapping policies, each server comes back, or somebody sees why not', async () => {
  await liveReturns({ stories: 3, seed: 20261130, days: 1 })
})
