import { livesThrough } from './crash.ts'

livesThrough('whichever write or message is done twice, the run ends right', {
  fate: 'twice',
  api: 'huaweicloud',
  sample: { ofKind: 1, seed: 2 },
  least: 35,
})
