/** What a person is to do where an agency gives no key. The services say little more than "access denied". */
import type { Assume } from '../../../core/model/connection.ts'

interface AgencyRefusal {
  status: number
  /** The cloud's own words. */
  message: string
}

const ABSENT = /not found|could not find|(does|do) not exist|no such agency/i
const EXTERNAL_ID = /external.?id/i

const account = ({ domainName, domainId }: Assume): string => domainName ?? domainId ?? ''

const absent = (assume: Assume): string =>
  `Account ${account(assume)} has no agency ${assume.agency}, or not for this key's account: check assume.agency and assume.${assume.domainId === undefined ? 'domainName' : 'domainId'}`

const externalId = ({ agency, externalId: given }: Assume): string =>
  given === undefined
    ? `Agency ${agency} asks for an external id: name it in assume.externalId`
    : `The external id in assume.externalId is not the one that agency ${agency} asks for`

/** What a refusal without reasons may be for, the likeliest first. */
function denied(assume: Assume): string {
  const { agency, domainId, externalId: given } = assume
  const trust = `account ${account(assume)} must have an agency ${agency} that trusts its account`
  if (domainId === undefined) return `The key's user needs the permission Agent Operator, and ${trust}`
  const condition =
    given === undefined ? 'asks for no external id' : 'asks for the external id of assume.externalId'
  return `The key needs the permission sts:agencies:assume, and ${trust} and ${condition}`
}

export function agencyRemedy(assume: Assume, { status, message }: AgencyRefusal): string {
  if (status === 401) return `Check the key of the connection, which is to take on agency ${assume.agency}`
  if (EXTERNAL_ID.test(message)) return externalId(assume)
  if (status === 404 || ABSENT.test(message)) return absent(assume)
  return status === 403
    ? denied(assume)
    : `Check assume; agency ${assume.agency} may allow shorter sessions only than ${assume.sessionMinutes} minutes`
}
