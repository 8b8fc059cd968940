/** The switches of the simulated cloud, all together. */
import { type AccessSwitches, defaultAccess } from './access.ts'
import { type BillingSwitches, defaultBilling } from './billing.ts'
import { defaultFaults, type FaultSwitches } from './faults.ts'
import { defaultJobs, type JobSwitches } from './jobs.ts'
import { defaultLists, type ListSwitches } from './lists.ts'
import { defaultRequests, type RequestSwitches } from './requests.ts'

/** What the simulated cloud does; each may be set at any time and holds from the next request on. */
export interface Switches
  extends RequestSwitches,
    JobSwitches,
    FaultSwitches,
    ListSwitches,
    AccessSwitches,
    BillingSwitches {}

/** The cloud at its most ordinary, as far as it is known. */
export const defaultSwitches = (): Switches => ({
  ...defaultRequests(),
  ...defaultJobs(),
  ...defaultFaults(),
  ...defaultLists(),
  ...defaultAccess(),
  ...defaultBilling(),
})
