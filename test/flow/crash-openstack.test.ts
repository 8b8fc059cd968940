import { livesThrough } from './crash.ts'

livesThrough(
  'after',
  'wherever the process dies right after an effect, the run ends right over a plain OpenStack, too',
  'openstack',
)
