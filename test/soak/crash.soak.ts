import { livesThrough } from '../flow/crash.ts'

livesThrough('wherever the process dies right after an effect, the run ends right', {
  fate: 'after',
  api: 'huaweicloud',
  least: 60,
})
livesThrough('whichever write or message is done twice, the run ends right', {
  fate: 'twice',
  api: 'huaweicloud',
  least: 60,
})
livesThrough(
  'wherever stop or follow dies right after an effect, the run ends right over a plain OpenStack, too',
  {
    fate: 'after',
    api: 'openstack',
    least: 60,
  },
)
