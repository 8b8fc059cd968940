import { test } from 'vitest'
import { livePersons } from '../flow/persons.ts'
import { nights, seed } from './settings.ts'

test(`whoever stops and starts servers by turns: none is started that a person stopped, and each that is ours comes up (SEED=${seed})`, async () => {
  await livePersons({ sequences: 2 * nights, seed, most: 14 })
}, 7_200_000)
