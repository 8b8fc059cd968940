/** Exits with 0 where the Curfew on this machine is ready, else with 1: `healthy.ts [PORT] [--within SECONDS]`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const PATIENCE_MS = 8000
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { within: { type: 'string', default: '0' } },
})
const [port = '3000'] = positionals
const untilMs = performance.now() + Number(values.within) * 1000

/** What is not well; `null`: nothing. */
async function problem(): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal })
    return response.ok ? null : await response.text()
  } catch (error) {
    return `no answer came from port ${port}: ${error}`
  }
}

let told = await problem()
while (told !== null && performance.now() < untilMs) {
  await sleep(1000)
  told = await problem()
}
if (told !== null) console.error(told)
process.exitCode = told === null ? 0 : 1
