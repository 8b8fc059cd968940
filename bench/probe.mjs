// Loaded before each measured program (node --import): at its end, writes what the process used into the folder PROBE_OUT.
// Plain JavaScript: stripping types would be measured with the program.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { peakMb } from './peak-memory.mjs'

const { PROBE_OUT, PROBE_NAME = 'process' } = process.env

if (PROBE_OUT) {
  process.once('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    const used = {
      name: PROBE_NAME,
      wallMs: performance.now(),
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
      rssMb: peakMb(),
    }
    writeFileSync(join(PROBE_OUT, `${process.pid}.json`), JSON.stringify(used))
  })
}
