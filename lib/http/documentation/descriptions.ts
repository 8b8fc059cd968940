/** What each field means, for the OpenAPI document and for editors. By the path within its document. */

const ACTION: Record<string, string> = {
  connection: 'Id of the connection whose servers it is about.',
  kind: '`ecs`: elastic cloud servers; `bms`: bare metal.',
  selector: 'Which servers: all given conditions must hold, at least one is required.',
  'selector.ids': 'Ids of servers.',
  'selector.tags': 'Every tag must be there, with any of its values; `[]` is any value.',
  'selector.name': 'A glob: `*` is any text, `?` any one character.',
  'selector.enterpriseProjectId': 'The enterprise project they belong to.',
  'selector.all': '`true`: every server of the kind. The only way to say so.',
  exclude: 'A server that matches any of these is skipped.',
  'exclude.ids': 'Ids of servers.',
  'exclude.tags': 'A server with any of these tags and values; `[]` is any value.',
  'exclude.name': 'A glob: `*` is any text, `?` any one character.',
  mode: '`soft` asks the guest to shut down, `hard` cuts the power. Bare metal knows only `hard`. Default `soft`.',
  acceptPowerCut: 'Consent that bare metal loses its power; required for `bms`.',
  escalateAfterMinutes: 'Servers still up this long after a soft stop get a hard one; `null`: never.',
  limits: 'A run that selects more is blocked, and stops nothing.',
  'limits.maxServers': 'The most servers that one run may stop; `null`: any number.',
  'limits.maxPercent':
    'The most of all servers of the kind in the connection that one run may stop, in percent; `null`: any share.',
  'limits.historyFactor':
    'How many times as large as its own recent runs one may be; `null`: the guard is off.',
  haltShare: 'The rest of a run is not sent once this share of its servers failed; `null`: never.',
  webhook: 'Told when a run ends; `null`: nobody is.',
  'webhook.url': 'Where to: https only, and public addresses only. Redirects are not followed.',
  'webhook.secretName':
    'Name of the secret in Secrets Manager with which what is told is signed; absent: it is not signed.',
}

export const POLICY_FIELDS: Record<string, string> = {
  ...ACTION,
  id: 'Lower-case letters, digits and dashes.',
  description: 'For people.',
  enabled: '`false`: none of its due times makes a run.',
  schedule: 'When.',
  'schedule.cron':
    'Five fields: minute, hour, day of month, month, day of week. Numbers, names, `*`, lists, ranges, steps, `L`, `#`; Sunday is 0 or 7.',
  'schedule.timeZone': 'An IANA name, such as Asia/Shanghai.',
  'schedule.skipDates': 'Local dates on which nothing is due.',
  'schedule.catchUpMinutes': 'How late a run may still start; a later one is recorded as missed.',
  nextDueAt: 'Read-only. When it is due next; `null`: never.',
  nextStopAt:
    'Read-only. The next due time that will act: snooze, skipped dates, `enabled` of policy and connection and `stopsEnabled` are heard; `null`: none will.',
  nextStartAt: 'Read-only. `null`: no policy starts anything yet.',
  createdAt: 'Read-only.',
  updatedAt: 'Read-only.',
  version: 'Read-only. Send it as `If-Match` to guard an edit.',
  updatedBy: 'Read-only. Who did the latest edit.',
  snoozedUntil: 'Read-only. Due times before it are skipped.',
  snoozeReason: 'Read-only.',
}

export const RUN_FIELDS = ACTION

export const CONNECTION_FIELDS: Record<string, string> = {
  id: 'Lower-case letters, digits and dashes.',
  api: '`huaweicloud`: access key, up to 1000 servers a call; `openstack`: Keystone and Nova, one call a server.',
  region: 'Such as cn-north-4.',
  projectId: 'Id of the project in that region.',
  endpoints: 'Overrides; absent ones follow from api and region. `openstack` needs `identity` and `compute`.',
  'endpoints.as':
    'Auto Scaling. Where `ecs` is named and this is not, members of scaling groups are not guarded.',
  credentials: 'Where the secret is. The secret itself is never stored, shown or logged.',
  'credentials.source': 'Where it is kept.',
  'credentials.name':
    'The secret or parameter; for `environment` what the names of the variables begin with.',
  maxServersPerMinute:
    'Ids in stop requests within any 60 seconds, over everything to the same project; `null`: no limit.',
  'maxServersPerMinute.ecs': 'Elastic cloud servers.',
  'maxServersPerMinute.bms': 'Bare metal.',
  scalingGroups:
    '`guard`, the default: members of Auto Scaling groups are left alone, for a group removes and may delete a member that is off; `ignore`: they are stopped like every other server.',
  enabled: '`false`: nothing of it is ever stopped.',
  createdAt: 'Read-only.',
  updatedAt: 'Read-only.',
  version: 'Read-only. Send it as `If-Match` to guard an edit.',
  updatedBy: 'Read-only. Who did the latest edit.',
}
