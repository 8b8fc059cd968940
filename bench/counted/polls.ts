/** How often jobs are polled, and how late their ends are seen, by their lengths. */
import { isEnded } from '../../lib/core/model/run.ts'
import { aConnection, aPolicy } from '../curfew/documents.ts'
import { figure, share, table } from '../report/figures.ts'
import type { Figures } from '../report/goals.ts'
import { night, startLine } from './night.ts'

export interface JobPolls {
  polls: number
  /** How late the job's end is seen, over its length. */
  lateness: number
}

/** How often a job of so many seconds is polled, and how late its end is seen; the first poll after `firstSeconds`. */
export async function countPolls(jobSeconds: number, firstSeconds = 15): Promise<JobPolls> {
  const { run, seen, seconds } = await night({
    cloud: { servers: 500, jobMs: jobSeconds * 1000 },
    environment: {
      FOLLOW_FIRST_SECONDS: String(firstSeconds),
      FOLLOW_MAX_SECONDS: String(Math.max(60, firstSeconds)),
    },
  })
  return { polls: (seen.byRoute.job ?? 0) / (run.chunks ?? 1), lateness: (seconds - jobSeconds) / jobSeconds }
}

/** So many nights teach Curfew how long jobs take. */
const TEACHING_NIGHTS = 4

/** The same once some nights have passed, each over a tenth of the servers, with jobs as long. */
export async function countLearntPolls(jobSeconds: number): Promise<JobPolls> {
  const line = await startLine({ cloud: { servers: 500, jobMs: jobSeconds * 1000 } })
  await line.store.saveConnection(
    aConnection({ cloudUrl: line.cloudUrl, project: 'p0', pace: null }, Date.now()),
    null,
  )
  const oneNight = async (number: number): Promise<JobPolls> => {
    const before = line.cloudSeen().byRoute.job ?? 0
    const id = `night-${number}`
    await line.store.savePolicy(
      aPolicy({ kind: 'ecs', selector: { name: `*${number}` } }, Date.now(), id),
      null,
    )
    await line.tick()
    const run = await line.run(one => one.policyId === id && isEnded(one))
    const polls = ((line.cloudSeen().byRoute.job ?? 0) - before) / (run.chunks ?? 1)
    const tookSeconds = (Date.parse(run.endedAt!) - Date.parse(run.dueAt)) / 1000
    return { polls, lateness: (tookSeconds - jobSeconds) / jobSeconds }
  }
  for (let number = 0; number < TEACHING_NIGHTS; number++) await oneNight(number)
  const learnt = await oneNight(TEACHING_NIGHTS)
  await line.close()
  return learnt
}

const JOB_SECONDS = [10, 20, 33, 41, 60, 120, 300]
const mean = (numbers: number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

async function pollsBy(count: (jobSeconds: number) => Promise<JobPolls>): Promise<JobPolls[]> {
  const all: JobPolls[] = []
  for (const seconds of JOB_SECONDS) all.push(await count(seconds))
  return all
}

export async function pollTable(): Promise<{ text: string; figures: Figures }> {
  const unknown = await pollsBy(seconds => countPolls(seconds))
  const learnt = await pollsBy(countLearntPolls)
  const cells = ({ polls, lateness }: JobPolls): string[] => [figure(polls), share(lateness)]
  const rows = JOB_SECONDS.map((seconds, i) => [String(seconds), ...cells(unknown[i]!), ...cells(learnt[i]!)])
  const head = [
    'job s',
    'polls',
    'its end is seen later by',
    'polls, length learnt',
    'later by, length learnt',
  ]
  return {
    text: table(head, rows),
    figures: {
      polls: { value: mean(learnt.map(one => one.polls)) },
      lateness: { value: mean(learnt.map(one => one.lateness)) },
    },
  }
}
