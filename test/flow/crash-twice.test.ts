import { livesThrough } from './crash.ts'

livesThrough('twice', 'whichever write or message is done twice, the run ends right')
