import { afterEach, expect, test } from 'vitest'
import { type Morning, startSoldOut } from '../flow/sold-out.ts'

let morning: Morning
afterEach(() => morning.world.close())

test.each([
  { api: 'huaweicloud', as: 'sub-job-0226' },
  { api: 'huaweicloud', as: 'sub-job-0319' },
  { api: 'huaweicloud', as: 'request-0319' },
  { api: 'openstack', as: 'sub-job-0226' },
] as const)(
  'of 2,000 servers the 60 that there is no room for hold no other up: $api $as',
  async how => {
    morning = await startSoldOut({ servers: 2000, share: 0.03, ...how })
    console.log(how, morning.requests, morning.upAfterMinutes)
    expect(morning.upAfterMinutes.others).toBeLessThan(5)
    expect(morning.upAfterMinutes.all).toBeLessThan(45)
  },
  600_000,
)
