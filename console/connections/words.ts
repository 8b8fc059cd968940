/** Connections in words. A secret is nowhere among them: the API never answers one. */
import type { Check, Connection } from '../api/types.ts'
import { countText } from '../words/run.ts'

const API_WORDS: Record<Connection['api'], string> = {
  huaweicloud: 'Huawei Cloud',
  openstack: 'OpenStack',
}

export const apiText = ({ api }: Pick<Connection, 'api'>): string => API_WORDS[api]

/** Where the key is kept: `environment variables that begin with SAMPLE_`. */
export function keySourceText({ credentials: { source, name } }: Pick<Connection, 'credentials'>): string {
  switch (source) {
    case 'environment':
      return name === '' ? 'environment variables' : `environment variables that begin with ${name}`
    case 'secretsManager':
      return `Secrets Manager: ${name}`
    case 'parameterStore':
      return `Parameter Store: ${name}`
    case 'metadata':
      return 'the agency of the server that Curfew runs on'
  }
}

const rateOf = (kind: string, limit: number | null): string =>
  `${kind}: ${limit === null ? 'no limit' : countText(limit, 'server')}`

export const rateText = ({ maxServersPerMinute: { ecs, bms } }: Connection): string =>
  `${rateOf('cloud servers', ecs)}; ${rateOf('bare metal', bms)}`

export const groupsText = ({ scalingGroups, api }: Connection): string => {
  if (api === 'openstack') return 'there are none'
  return scalingGroups === 'guard'
    ? 'members of Auto Scaling groups are left alone'
    : 'members of Auto Scaling groups are stopped like every other server'
}

/** What a check found: `3,400 cloud servers and 40 bare-metal servers`. */
export function foundText({ servers }: Check): string {
  if (servers === undefined) return ''
  const ecs = servers.ecs === null ? 'cloud servers it may not list' : countText(servers.ecs, 'cloud server')
  const bms =
    servers.bms === null ? 'bare-metal servers it may not list' : countText(servers.bms, 'bare-metal server')
  return `${ecs} and ${bms}`
}

const STAMPS = new Set(['createdAt', 'updatedAt', 'updatedBy', 'version'])

/** The document as a person writes it. */
export const documentText = (connection: Connection): string =>
  JSON.stringify(connection, (name, value) => (STAMPS.has(name) ? undefined : value), 2)
