import { livesThrough } from './crash.ts'

livesThrough('wherever a function dies right before its first effect, the run ends right', {
  fate: 'before',
  api: 'huaweicloud',
  sample: { ofKind: 2, seed: 5 },
  least: 8,
})
