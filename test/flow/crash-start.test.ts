import { livesThrough } from './crash.ts'

livesThrough('wherever stop or follow dies right after an effect, a start ends right, too', {
  action: 'start',
  fate: 'after',
  api: 'huaweicloud',
  // Every one of them: `npm run soak`.
  mostOfKind: 1,
  least: 15,
})
