import { livesThrough } from './crash.ts'

livesThrough('wherever stop or follow dies right after an effect, a start ends right, too', {
  action: 'start',
  fate: 'after',
  api: 'huaweicloud',
  sample: { ofKind: 1, seed: 3 },
  least: 15,
})
