/** The scaling groups of a project and their members, as the Auto Scaling service lists them. */
import * as z from 'zod'
import type { ScalingGroups } from '../../core/model/cloud.ts'
import type { Connection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import type { AskCloud } from '../http/request.ts'
import { askSideBySide, isNotAccepted } from '../reading-servers.ts'
import { isUnknownThing } from './by-id.ts'
import { endpointOf } from './endpoints.ts'
import { GRANTED, lacksRight } from './page.ts'

/** The most rows of a page, of groups and of members. */
const MAX_PAGE_ROWS = 100
/** A list that changes while it is read is read again. */
const MAX_LISTINGS = 3
const GROUP_GONE = 'AS.2007'

interface Asking {
  connection: Connection
  ask: AskCloud
}

const Total = z.int().min(0)
const Id = z.string().regex(/^[\w-]+$/)
const GroupsPage = z
  .object({
    total_number: Total,
    scaling_groups: z.array(z.object({ scaling_group_id: Id, scaling_group_name: z.string().nullish() })),
  })
  .transform(({ total_number: total, scaling_groups: rows }) => ({
    total,
    rows: rows.map(row => ({
      id: row.scaling_group_id,
      name: row.scaling_group_name || row.scaling_group_id,
    })),
  }))
type Group = z.infer<typeof GroupsPage>['rows'][number]

/** A member that is being created has no id yet. */
const MembersPage = z
  .object({
    total_number: Total,
    scaling_group_instances: z.array(z.object({ instance_id: z.string().nullish() })),
  })
  .transform(({ total_number: total, scaling_group_instances: rows }) => ({
    total,
    rows: rows.map(row => ({ id: row.instance_id ?? '' })),
  }))

/** A list of the service, and what a key needs to read it. */
interface List<Row> {
  what: string
  path: string[]
  query?: Record<string, string>
  page: z.ZodType<{ total: number; rows: Row[] }>
  permission: 'as:groups:list' | 'as:instances:list'
}

const groupList: List<Group> = {
  what: 'list of Auto Scaling groups',
  path: ['scaling_group'],
  page: GroupsPage,
  permission: 'as:groups:list',
}
const memberList = ({ id, name }: Group): List<{ id: string }> => ({
  what: `members of Auto Scaling group ${name}`,
  path: ['scaling_group_instance', id, 'list'],
  page: MembersPage,
  permission: 'as:instances:list',
})

/** Every member of every group. Two requests where there are no groups. Throws `CloudError`, also where a list does not come whole. */
export async function listScalingGroups(asking: Asking): Promise<ScalingGroups> {
  const groups = await readAnyGroups(asking)
  const members = await askSideBySide(groups, async group => {
    const rows = await readMembers(asking, group)
    return rows.filter(({ id }) => id !== '').map(({ id }) => [id, group.name] as const)
  })
  return new Map(members.flat())
}

/** Without a right to the whole project the list is refused, or empty: then groups are read that are granted inside enterprise projects. */
async function readAnyGroups(asking: Asking): Promise<Group[]> {
  const plain = readWhole(asking, groupList)
  const isShown = await plain.then(
    groups => groups.length > 0,
    error => !lacksRight(error),
  )
  if (isShown) return plain
  const granted = await readGranted(asking)
  // Where none is granted either, a refusal is not taken for "no groups".
  return granted.length > 0 ? granted : plain
}

/** None where the service does not know the parameter. */
async function readGranted(asking: Asking): Promise<Group[]> {
  try {
    return await readWhole(asking, { ...groupList, query: GRANTED })
  } catch (error) {
    if (isNotAccepted(error)) return []
    throw error
  }
}

/** A group that was deleted since the groups were listed has no members. */
async function readMembers(asking: Asking, group: Group): Promise<{ id: string }[]> {
  try {
    return await readWhole(asking, memberList(group))
  } catch (error) {
    if (isUnknownThing(error, GROUP_GONE)) return []
    throw error
  }
}

async function readWhole<Row extends { id: string }>(asking: Asking, list: List<Row>): Promise<Row[]> {
  const counted: string[] = []
  while (counted.length < MAX_LISTINGS) {
    const { rows, totals } = await readPages(asking, list)
    if (totals.every(total => total === rows.length)) return rows
    counted.push(`${rows.length} of ${[...new Set(totals)].join(' or ')}`)
  }
  return throwCloudError({
    asked: `Connection ${asking.connection.id}: ${list.what}`,
    came: `expected as many rows as each page's total_number says, but ${counted.join(', then ')} came`,
    details: ownDetails({ class: 'unavailable', code: 'listing-shifts' }),
  })
}

/** AS API reference, "Querying AS Groups" and "Querying Instances in an AS Group": a page begins at a row number. */
async function readPages<Row extends { id: string }>(asking: Asking, list: List<Row>) {
  const rows: Row[] = []
  const seen = new Set<string>()
  const totals: number[] = []
  let start = 0
  for (let isLast = false; !isLast; ) {
    const page = await readGroupPage(asking, list, start)
    const fresh = page.rows.filter(({ id }) => id === '' || !seen.has(id))
    for (const row of fresh) seen.add(row.id)
    rows.push(...fresh)
    totals.push(page.total)
    start += page.rows.length
    isLast = start >= page.total || fresh.length === 0
  }
  return { rows, totals }
}

async function readGroupPage<Row>({ connection, ask }: Asking, list: List<Row>, start: number) {
  try {
    const { value } = await ask({
      what: list.what,
      method: 'GET',
      endpoint: endpointOf(connection, 'as'),
      path: ['autoscaling-api', 'v1', connection.projectId, ...list.path],
      query: { ...list.query, start_number: String(start), limit: String(MAX_PAGE_ROWS) },
      answer: list.page,
    })
    return value
  } catch (error) {
    if (isForbidden(error)) failForbidden(connection, list, error)
    throw error
  }
}

const isForbidden = (error: unknown): error is CloudError =>
  error instanceof CloudError &&
  (error.details.class === 'credentials' || [401, 403].includes(error.details.status))

const failForbidden = <Row>({ id }: Connection, { what, permission }: List<Row>, cause: CloudError): never =>
  throwCloudError({
    asked: `Connection ${id}: ${what}`,
    came: `the key lacks the permission ${permission} (${cause.details.status} ${cause.details.code} came); a stopped member of a group may be deleted by it, so nothing is stopped on a guess: grant as:groups:list and as:instances:list, or set the connection's scalingGroups to "ignore"`,
    details: cause.details,
    cause,
  })
