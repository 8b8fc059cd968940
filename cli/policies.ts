/** `npm run policies -- diff FILE…` and `apply FILE…`: another name of `npx curfew policies`. */
import { runCommand } from './program.ts'
import { processTerminal } from './screen/terminal.ts'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort())

process.exitCode = await runCommand(['policies', ...process.argv.slice(2)], processTerminal(ended.signal))
