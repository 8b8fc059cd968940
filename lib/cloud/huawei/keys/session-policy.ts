/** What a key of an agency may do, whatever the agency itself may: what Curfew asks of the cloud, and nothing else. */

/** As identity policies (version 5.0) name them; docs/keys.md says what each is for. */
const SESSION_ACTIONS = [
  'ecs:cloudServers:listServersDetails',
  'ecs:cloudServers:showServer',
  'ecs:cloudServers:stop',
  'ecs:cloudServers:start',
  'ecs:cloudServerFlavors:get',
  'ecs:servers:list',
  'ecs:servers:get',
  'ecs:servers:stop',
  'ecs:servers:start',
  'as:scalingGroup:list',
  'as:scalingGroup:listInstances',
  'bms:servers:list',
  'bms:servers:showBaremetalServer',
  'bms:servers:stop',
  'bms:servers:start',
  'billing:contract:viewDiscount',
  'billing:billDetail:view',
]

/** Of 2 to 4096 characters. */
export const SESSION_POLICY = JSON.stringify({
  Version: '5.0',
  Statement: [{ Effect: 'Allow', Action: SESSION_ACTIONS }],
})
