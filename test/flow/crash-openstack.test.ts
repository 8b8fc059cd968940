import { livesThrough } from './crash.ts'

livesThrough(
  'wherever stop or follow dies right after an effect, the run ends right over a plain OpenStack, too',
  {
    fate: 'after',
    api: 'openstack',
    sample: { ofKind: 1, seed: 4 },
    least: 15,
  },
)
