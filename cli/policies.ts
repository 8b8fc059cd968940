/** `npm run policies -- diff FILE…` and `apply FILE… [--prune]`. */
import { command } from './command.ts'

process.exitCode = await command(process.argv.slice(2), {
  env: process.env,
  print: text => console.log(text),
  complain: text => console.error(text),
})
