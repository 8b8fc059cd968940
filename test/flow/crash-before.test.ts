import { livesThrough } from './crash.ts'

livesThrough('before', 'wherever the process dies right before an effect, the run ends right')
