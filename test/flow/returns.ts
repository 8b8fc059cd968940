/** Stories that overlapping policies, persons and clouds write together: what must be up, off or named after each, by an oracle of its own. */
import fc from 'fast-check'
import { START } from '../makers.ts'
import { HOUR } from './returns/chronicle.ts'
import { createOracle } from './returns/oracle.ts'
import { openPlay } from './returns/play.ts'
import { type Story, someStory } from './returns/story.ts'

export interface Returns {
  stories: number
  seed: number
  /** Of each story; two quiet ones follow. */
  days: number
}

/** Lives through stories, each in a world of its own; the first that goes wrong is narrowed down. */
export async function liveReturns({ stories: numRuns, seed, days }: Returns): Promise<void> {
  const property = fc.asyncProperty(someStory(days), async story => {
    const faults = await liveStory(story, days)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  await fc.assert(property, { numRuns, seed })
}

/** The first faults of a story, and what came before them. */
export async function liveStory(story: Story, days: number): Promise<string[]> {
  const play = await openPlay(story)
  try {
    const oracle = createOracle(play)
    const events = [...story.events]
    for (let hour = 1; hour <= 24 * (days + 2) && oracle.faults.length === 0; hour++) {
      const end = START + hour * HOUR - 60_000
      while (events[0] && START + events[0].atMinute * 60_000 < end) await play.live(events.shift()!)
      if (hour === 24 * days) await play.calm()
      await play.until(end)
      if (hour % 2 === 0) await oracle.check()
      if (hour % 24 === 0) await oracle.checkDueTimes()
    }
    return oracle.faults.length === 0 ? [] : [...oracle.faults, ...play.log]
  } finally {
    await play.world.close()
  }
}
