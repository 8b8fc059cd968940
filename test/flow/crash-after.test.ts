import { livesThrough } from './crash.ts'

livesThrough('wherever the process dies right after an effect, the run ends right', {
  fate: 'after',
  api: 'huaweicloud',
  // Every one of them: `npm run soak`.
  mostOfKind: 1,
  least: 30,
})
