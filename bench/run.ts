/** `npm run bench`: measures, prints each section as it is done, then the goals; with `--plot` draws `bench/plot.svg`. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { buildContest } from './contest/build.ts'
import { drawPlot } from './drawing.ts'
import { type Options, optionsOf, USAGE } from './options.ts'
import { markdown, type Section } from './report/figures.ts'
import { type Figures, goalsSection } from './report/goals.ts'
import { measured, section } from './sections.ts'

function options(args: string[]): Options {
  try {
    return optionsOf(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

async function run(asked: Options, args: string[]): Promise<string[]> {
  const texts = [
    `Node ${process.version}, ${cpus().length} processors, ${new Date().toISOString().slice(0, 10)}.\n`,
  ]
  const figures: Figures = {}
  const show = (one: Section): void => {
    const text = markdown(one)
    console.log(text)
    texts.push(text)
  }
  for (const name of asked.sections) {
    const one = await section(name, asked)
    Object.assign(figures, one.figures)
    show(one)
  }
  show(goalsSection(figures, ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')))
  return texts
}

const args = process.argv.slice(2)
const asked = options(args)
if (asked.help) console.log(USAGE)
else {
  await buildContest()
  const texts = await run(asked, args)
  if (asked.plot) await drawPlot(measured)
  if (asked.out) writeFileSync(asked.out, `# Measured by \`npm run bench\`\n\n${texts.join('\n')}`)
}
