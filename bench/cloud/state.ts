/** All that the pretended cloud is and has counted: what a reset begins anew. */
import type { Kind } from '../../lib/core/model/model.ts'
import { type Counters, noCounts } from './counters.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createJobs, type Jobs } from './jobs.ts'
import type { RouteName } from './routes.ts'
import { type Settings, withTexts } from './settings.ts'
import { createWeather, type Fate } from './weather.ts'

export interface FleetSeen {
  activeAtStart: number
  /** Servers that a stop named; that it stopped; that are up now. */
  asked: number
  stopped: number
  up: number
}
export interface Seen extends Counters {
  /** CPU time of this process since the reset. */
  cpuMs: number
  jobs: number
  fleets: Partial<Record<Kind, FleetSeen>>
}

export interface State {
  /** Made when first asked for. */
  fleet: (kind: Kind) => Fleet
  jobs: Jobs
  settings: () => Settings
  counters: () => Counters
  fate: (route: RouteName) => Fate
  /** Every server as at first, every count zero; with some settings changed. */
  reset: (texts: Record<string, string>) => void
  /** The next night begins, every count zero. */
  nextNight: () => void
  seen: () => Seen
}

const sum = (flags: Uint8Array): number => flags.reduce((total, one) => total + one, 0)

function fleetSeen(fleet: Fleet): FleetSeen {
  let up = 0
  for (let place = 0; place < fleet.servers; place++) if (fleet.isUp(place)) up++
  return { activeAtStart: fleet.activeAtStart(), asked: sum(fleet.asked), stopped: sum(fleet.stopped), up }
}

export function createState(first: Settings): State {
  const fleets = new Map<Kind, Fleet>()
  const jobs = createJobs()
  let settings = first
  let counters = noCounts()
  let fate = createWeather(settings)
  let cpu = process.cpuUsage()
  return {
    fleet(kind) {
      const fleet = fleets.get(kind) ?? createFleet(kind, settings)
      fleets.set(kind, fleet)
      return fleet
    },
    jobs,
    settings: () => settings,
    counters: () => counters,
    fate: route => fate(route),
    reset(texts) {
      settings = withTexts(settings, texts)
      jobs.clear()
      if ('servers' in texts || 'activeShare' in texts) fleets.clear()
      for (const fleet of fleets.values()) fleet.restore()
      fate = createWeather(settings)
      counters = noCounts()
      cpu = process.cpuUsage()
    },
    nextNight() {
      jobs.clear()
      for (const fleet of fleets.values()) fleet.nextNight()
      counters = noCounts()
    },
    seen() {
      jobs.settle()
      const { user, system } = process.cpuUsage(cpu)
      const seen = [...fleets].map(([kind, fleet]) => [kind, fleetSeen(fleet)] as const)
      return {
        ...counters,
        cpuMs: (user + system) / 1000,
        jobs: jobs.count(),
        fleets: Object.fromEntries(seen),
      }
    },
  }
}
