import { livesThrough } from './crash.ts'

livesThrough('wherever the process dies right after an effect, the run ends right', {
  fate: 'after',
  api: 'huaweicloud',
  sample: { ofKind: 1, seed: 1 },
  least: 35,
})
