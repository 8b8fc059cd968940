import { afterEach, expect, test } from 'vitest'
import { type Morning, startSoldOut } from './sold-out.ts'

let morning: Morning
afterEach(() => morning.world.close())

// In every way, and of 2,000 servers: `npm run soak`.
test.each([
  { api: 'huaweicloud', as: 'request-0319' },
  { api: 'openstack', as: 'sub-job-0226' },
] as const)(
  'servers that there is no room for hold no other up, and come up when there is: $api $as',
  async how => {
    morning = await startSoldOut({ servers: 100, share: 0.03, ...how })
    expect(morning.upAfterMinutes.others).toBeLessThan(3)
    expect(morning.upAfterMinutes.all).toBeLessThan(40)
  },
)
