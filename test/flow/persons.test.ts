import { test } from 'vitest'
import { livePersons } from './persons.ts'

// More of them: `npm run soak`.
test('whoever stops and starts servers by turns: none is started that a person stopped, and each that is ours to start comes up', async () => {
  await livePersons({ sequences: 2, seed: 20261121, most: 10 })
})
