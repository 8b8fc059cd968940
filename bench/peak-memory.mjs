// Plain JavaScript, as it is loaded into measured programs.
import { readFileSync } from 'node:fs'

/** The most memory of this program so far. `maxRSS` begins with what the process held that started it. */
export const peakMb = () =>
  Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
