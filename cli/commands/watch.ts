/** Follows a run to its end. */
import { isEnded } from '../../lib/core/model/run.ts'
import { OutcomeDocument, RunDocument } from '../../lib/http/schemas/run-schemas.ts'
import { listSchema } from '../../lib/http/schemas/schemas.ts'
import { type Answered, type Api, gather, isPassing, pathOf } from '../api.ts'
import type { Terminal } from '../screen/terminal.ts'
import type { ExitCode, JsonOption } from '../session.ts'
import { showAnswer } from '../session.ts'
import {
  codeTable,
  connectionTable,
  outcomeTable,
  progressLine,
  runLines,
  type ShownRun,
} from './run-table.ts'

const POLL_MS = 1000
/** Answers that may be missing one after the other: the run goes on meanwhile. */
const MAX_MISSED = 60
const MAX_BAD_SHOWN = 20

export const readRun = (api: Api, id: string): Promise<Answered<ShownRun>> =>
  api.get(RunDocument, pathOf('/v1/runs', id))

/** The run as it ended; as it was last seen where the command is ended before. */
async function watchRun(
  api: Api,
  first: Answered<ShownRun>,
  { progress, ended, pause }: Pick<Terminal, 'progress' | 'ended' | 'pause'>,
  firstPauseMs = POLL_MS,
): Promise<Answered<ShownRun>> {
  let seen = first
  let pauseMs = firstPauseMs
  for (let missed = 0; !isEnded(seen.value) && !ended.aborted; ) {
    progress?.(progressLine(seen.value))
    await pause(pauseMs)
    pauseMs = POLL_MS
    try {
      seen = await readRun(api, seen.value.id)
      missed = 0
    } catch (error) {
      if (ended.aborted) break
      if (!isPassing(error) || ++missed > MAX_MISSED) throw error
    }
  }
  progress?.('')
  return seen
}

export const OutcomeList = listSchema(OutcomeDocument)

/** What became of a run, and which servers fell short. */
export async function showRun(api: Api, run: ShownRun, terminal: Terminal): Promise<void> {
  const { write, print } = terminal
  for (const line of runLines(run, terminal)) write(line)
  if (Object.keys(run.codes).length > 0) for (const line of ['', ...codeTable([run], terminal)]) write(line)
  const bad = run.summary.failed + run.summary.unconfirmed
  if (bad > 0) {
    const { value } = await gather(api, {
      schema: OutcomeList,
      path: pathOf('/v1/runs', run.id, '/servers'),
      query: { status: ['failed', 'unconfirmed'] },
      limit: MAX_BAD_SHOWN,
    })
    for (const line of ['', ...outcomeTable(value.items, terminal)]) write(line)
    if (bad > value.items.length) print(`and ${bad - value.items.length} more`)
  }
  if (run.summary.matched > 0) print(`\nEach server:  npx curfew run ${run.id} --servers`)
  if (run.action === 'stop' && run.summary.stopped > 0)
    print(`Start again what it stopped:  npx curfew undo ${run.id}`)
}

export interface Waiting extends JsonOption {
  /** `false`: the command answers at once. */
  wait: boolean
}

/** Waits for a run's end and shows it; what the process exits with says whether it succeeded. */
export async function finishRun(
  { api, terminal }: { api: Api; terminal: Terminal },
  begun: Answered<ShownRun>,
  options: Waiting,
): Promise<ExitCode> {
  const last = options.wait ? await watchRun(api, begun, terminal) : begun
  const run = last.value
  if (options.json) showAnswer(terminal, options, { raw: last.raw, forPeople: () => {} })
  else await showEnd(api, run, terminal)
  return !options.wait || run.status === 'succeeded' ? 0 : 1
}

/** The same for the runs of one request. */
export async function finishEach(
  { api, terminal }: { api: Api; terminal: Terminal },
  begun: ShownRun[],
  options: Waiting,
): Promise<ExitCode> {
  const last: Answered<ShownRun>[] = []
  for (const [place, run] of begun.entries()) {
    const seen = { value: run, raw: run }
    // While others were waited for, it went on.
    const firstPauseMs = place > 0 ? 0 : POLL_MS
    last.push(options.wait ? await watchRun(api, seen, terminal, firstPauseMs) : seen)
  }
  const runs = last.map(({ value }) => value)
  const raw = { items: last.map(one => one.raw) }
  if (options.json) showAnswer(terminal, options, { raw, forPeople: () => {} })
  else await showEnds(api, runs, terminal)
  return !options.wait || runs.every(({ status }) => status === 'succeeded') ? 0 : 1
}

/** A line for each; below it, where it is seen, what did not succeed. */
async function showEnds(api: Api, runs: ShownRun[], terminal: Terminal): Promise<void> {
  const [first, ...others] = runs
  if (first === undefined) return
  if (others.length === 0) return showEnd(api, first, terminal)
  for (const line of connectionTable(runs, terminal)) terminal.write(line)
  if (runs.some(({ codes }) => Object.keys(codes).length > 0))
    for (const line of ['', ...codeTable(runs, terminal)]) terminal.write(line)
  const unwell = runs.filter(run => isEnded(run) && run.status !== 'succeeded')
  for (const run of unwell.slice(0, MAX_BAD_SHOWN)) {
    terminal.write('')
    await showRun(api, run, terminal)
  }
  if (unwell.length > MAX_BAD_SHOWN)
    terminal.print(`\nand ${unwell.length - MAX_BAD_SHOWN} more that did not succeed`)
  const idOfOne = `${first.id.slice(0, -first.connection.length)}CONNECTION`
  const going = runs.filter(run => !isEnded(run)).length
  const well = runs.length - unwell.length - going
  terminal.print(`\n${well} of ${runs.length} runs succeeded${going > 0 ? `, ${going} go on` : ''}.`)
  terminal.print(`One of them:  npx curfew run ${idOfOne}${going > 0 ? ' --watch' : ''}`)
  if (runs.some(({ action, summary }) => action === 'stop' && summary.stopped > 0))
    terminal.print(`Start again what it stopped:  npx curfew undo ${idOfOne}`)
}

async function showEnd(api: Api, run: ShownRun, terminal: Terminal): Promise<void> {
  if (isEnded(run)) await showRun(api, run, terminal)
  else terminal.print(`Run ${run.id} goes on: npx curfew run ${run.id} --watch`)
}
