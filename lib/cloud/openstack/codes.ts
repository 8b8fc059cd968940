/** What codes mean at an OpenStack. Some are Huawei Cloud's own underneath, and answer with its codes. */
import type { Codes } from '../http/codes.ts'
import { HUAWEI_CODES } from '../huawei/codes.ts'

export const OPENSTACK_CODES: Codes = {
  ...HUAWEI_CODES,
  // Of the filter in front of a Nova, which lets nothing through then.
  unavailableWords: /keystone service is temporarily unavailable/i,
}
