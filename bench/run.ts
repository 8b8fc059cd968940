/** `npm run bench`: measures, prints each section as it is done, and draws `bench/plot.svg`. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { buildContest } from './contest/build.ts'
import { optionsOf, USAGE } from './options.ts'
import { markdown } from './report/figures.ts'
import { drawPlot, section } from './sections.ts'

if (process.argv.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
const options = optionsOf(process.argv.slice(2))
await buildContest()
const texts = [
  `Node ${process.version}, ${cpus().length} processors, ${new Date().toISOString().slice(0, 10)}.\n`,
]
for (const name of options.sections) {
  const text = markdown(await section(name, options))
  console.log(text)
  texts.push(text)
}
await drawPlot()
if (options.out) writeFileSync(options.out, `# Measured by \`npm run bench\`\n\n${texts.join('\n')}`)
