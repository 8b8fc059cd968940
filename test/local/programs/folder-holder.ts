/** Holds a data folder until it is killed. */
import { openFolder } from '../../../infra/local/folder.ts'

openFolder({ path: process.argv[2] ?? '' })
process.stdout.write('held')
setInterval(() => undefined, 60_000)
