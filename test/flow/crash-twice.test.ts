import { livesThrough } from './crash.ts'

livesThrough('whichever write or message is done twice, the run ends right', {
  fate: 'twice',
  api: 'huaweicloud',
  // Every one of them: `npm run soak`.
  mostOfKind: 1,
  least: 30,
})
