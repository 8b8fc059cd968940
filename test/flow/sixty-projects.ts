/** Sixty projects in three regions under one policy, five of them without the right, each reached by a key or by an agency. */
import { expect } from 'vitest'
import { createWorld, fleet, KEY, type World } from './world.ts'

const REGIONS = ['cn-north-4', 'cn-south-1', 'ap-southeast-1']
const AGENCY = { name: 'curfew', domainName: 'acme', domainId: 'd78cbac186b744899480f25bd022f468' }
const ASSUME = { agency: AGENCY.name, domainId: AGENCY.domainId, sessionMinutes: 60 }
const number = (n: number): string => String(n).padStart(2, '0')

/** `isByAgency`: whether the nth project is reached by the agency of its account, where the key itself has no right. */
export async function sixtyProjects(isByAgency: (n: number) => boolean): Promise<World> {
  const projects = Array.from({ length: 60 }, (_, n) => ({
    id: n.toString(16).padStart(32, '0'),
    name: `${REGIONS[n % 3]}_p${n}`,
    servers: [{ ...fleet(1)[0]!, id: `00000000-0000-4000-8000-${number(n).padStart(12, '0')}` }],
  }))
  const idsOf = (which: (n: number) => boolean) => projects.filter((_, n) => which(n)).map(({ id }) => id)
  const denied = idsOf(n => n % 12 === 0)
  const world = await createWorld({ projects })
  const { simulator, store } = world
  simulator.keys[0] = { ...KEY, projects: idsOf(n => !isByAgency(n)), denied }
  simulator.agencies.push({ ...AGENCY, trusts: [KEY.accessKey], denied })
  for (const [n, { id: projectId }] of projects.entries()) {
    const assume = isByAgency(n) ? ASSUME : null
    await world.connection({ id: `prod-${number(n)}`, region: REGIONS[n % 3], projectId, assume })
  }
  await world.connection({ id: 'lab' })
  await world.policy({ connections: ['prod-*'] })
  await world.pass(10)
  const { items } = await store.runs({ policyId: 'nightly-dev', most: 1000 })
  const runs = items.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  expect(runs.map(({ id }) => id)).toEqual(
    projects.map((_, n) => `nightly-dev.20261121T120000Z.prod-${number(n)}`),
  )
  const failed = runs.filter(({ status }) => status === 'failed')
  for (const { reason } of failed) expect(reason).toContain('ecs:cloudServers:list')
  expect(failed.map(({ connection }) => connection)).toEqual(
    ['00', '12', '24', '36', '48'].map(n => `prod-${n}`),
  )
  const others = runs.filter(({ status }) => status === 'succeeded')
  expect(others).toHaveLength(55)
  for (const { summary } of others) expect(summary).toMatchObject({ targets: 1, stopped: 1 })
  const stopped = simulator.stops().map(({ path }) => projects.find(({ id }) => path.includes(id))?.id)
  expect(stopped.toSorted()).toEqual(idsOf(n => n % 12 !== 0))
  // The key of the agency is asked for once for each connection.
  expect(simulator.sessions).toHaveLength(projects.filter((_, n) => isByAgency(n)).length)
  expect(world.troubles).toEqual([])
  return world
}
