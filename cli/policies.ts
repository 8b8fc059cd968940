/** `npm run policies -- diff FILE…` and `apply FILE… [--prune]`. */
import { printableLines } from '../lib/core/model/printable.ts'
import { command } from './command.ts'

process.exitCode = await command(process.argv.slice(2), {
  env: process.env,
  print: text => console.log(printableLines(text)),
  complain: text => console.error(printableLines(text)),
})
