import { livesThrough } from './crash.ts'

livesThrough(
  'wherever stop or follow dies right after an effect, the run ends right over a plain OpenStack, too',
  {
    fate: 'after',
    api: 'openstack',
    // Every one over Huawei Cloud's api is met in crash-after.
    mostOfKind: 2,
    least: 30,
  },
)
