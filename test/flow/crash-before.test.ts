import { livesThrough } from './crash.ts'

livesThrough('wherever a function dies right before its first effect, the run ends right', {
  fate: 'before',
  api: 'huaweicloud',
  least: 15,
})
