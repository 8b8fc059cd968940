import { livesThrough } from './crash.ts'

livesThrough(
  'wherever stop or follow dies right after an effect, the run ends right over a plain OpenStack, too',
  {
    fate: 'after',
    api: 'openstack',
    // Every one of them: `npm run soak`.
    mostOfKind: 1,
    least: 20,
  },
)
