/** The servers of a kind as one flat buffer of equally wide records: pages are views into it, so that the cloud is not what is measured. */
import type { Kind } from '../../lib/core/model/model.ts'
import { chance, idOf, placeOf, type Shown, STATE_OFFSET, STATES, serverText, tagsAt } from './record.ts'
import type { Settings } from './settings.ts'

/** Room for longer addresses and numbers, and the comma. */
const SPARE = 17
const COMMA = 0x2c

export interface Fleet {
  kind: Kind
  servers: number
  /** Of the night that it is. */
  activeAtStart: () => number
  /** Changes with every change of a state. */
  version(): number
  isUp(place: number): boolean
  tags(place: number): Record<string, string>
  /** Its place, -1 where there is no such server. */
  place(id: string): number
  show(place: number, shown: Shown): void
  /** Records `from` up to `to`, parted by commas, none at the end. */
  view(from: number, to: number): Buffer
  /** All as they were when the night began. */
  restore(): void
  /** The next night begins: a fifth of the servers are up, or off, whatever they were the night before. */
  nextNight(): void
  /** How often each was stopped: asked for, and carried out. */
  asked: Uint8Array
  stopped: Uint8Array
}

const CHANGED_SHARE = 0.2
const NIGHT_BITS = 0x1000_0000
/** Whether a server is up when a night begins, from 0; in most nights as in the first. */
function wasUp(place: number, activeShare: number, night = 0): boolean {
  const changes = night > 0 && chance(place ^ (NIGHT_BITS * night)) < CHANGED_SHARE
  return chance(place ^ 0x7f ^ (changes ? 0x80_0000 * night : 0)) < activeShare
}

function records(kind: Kind, { servers, activeShare, nights }: Settings): { bytes: Buffer; width: number } {
  const width = serverText(servers - 1, { kind, shown: 'up', nights }).length + SPARE
  const bytes = Buffer.alloc(servers * width, ' ')
  for (let place = 0; place < servers; place++) {
    const shown = wasUp(place, activeShare) ? 'up' : 'off'
    const text = serverText(place, { kind, shown, nights })
    if (text.length >= width) throw new Error(`server ${place}: its record is wider than ${width} bytes`)
    bytes.write(text, place * width, 'latin1')
    bytes[place * width + width - 1] = COMMA
  }
  return { bytes, width }
}

export function createFleet(kind: Kind, settings: Settings): Fleet {
  const { servers, activeShare } = settings
  const { bytes, width } = records(kind, settings)
  const up = Uint8Array.from({ length: servers }, (_, place) => (wasUp(place, activeShare) ? 1 : 0))
  const asked = new Uint8Array(servers)
  const stopped = new Uint8Array(servers)
  let version = 0
  let night = 0
  const countUp = () => up.reduce((sum, one) => sum + one, 0)
  let activeAtStart = countUp()
  function show(place: number, shown: Shown): void {
    up[place] = shown === 'off' ? 0 : 1
    bytes.write(STATES[kind][shown], place * width + STATE_OFFSET, 'latin1')
    version++
  }
  return {
    kind,
    servers,
    activeAtStart: () => activeAtStart,
    version: () => version,
    isUp: place => up[place] === 1,
    tags: place => tagsAt(place, settings.nights),
    place: id => {
      const place = placeOf(id)
      return place >= 0 && place < servers && idOf(place, kind) === id ? place : -1
    },
    show,
    view: (from, to) => bytes.subarray(from * width, to * width - 1),
    restore() {
      for (let place = 0; place < servers; place++)
        if (asked[place]) show(place, wasUp(place, activeShare, night) ? 'up' : 'off')
      asked.fill(0)
      stopped.fill(0)
    },
    nextNight() {
      night++
      for (let place = 0; place < servers; place++)
        show(place, wasUp(place, activeShare, night) ? 'up' : 'off')
      activeAtStart = countUp()
      asked.fill(0)
      stopped.fill(0)
    },
    asked,
    stopped,
  }
}
