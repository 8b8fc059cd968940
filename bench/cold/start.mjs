// Loads the function of BUNDLE and calls it with EVENT, as Lambda would the first time; prints when it was ready and when it had answered.
// Plain JavaScript: stripping types would be measured with the function.
import { performance } from 'node:perf_hooks'

const { handler } = await import(process.env.BUNDLE)
const readyMs = performance.now()
const readyCpu = process.cpuUsage()
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 10_000 }
await handler(JSON.parse(process.env.EVENT), context)
const answeredMs = performance.now()
const { userCPUTime, systemCPUTime } = process.resourceUsage()
const { peakMb } = await import('../peak-memory.mjs')
const said = {
  readyMs,
  readyCpuMs: (readyCpu.user + readyCpu.system) / 1000,
  answeredMs,
  cpuMs: (userCPUTime + systemCPUTime) / 1000,
  rssMb: peakMb(),
}
process.stdout.write(`\n${JSON.stringify(said)}\n`, () => process.exit(0))
