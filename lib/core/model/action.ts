/** What an action is: the state that proves it, the state it starts from, and the words for both. One entry for each action. */
import * as z from 'zod'
import type { DueSchedule } from '../schedule/schedule.ts'
import { type Schedules, startSchedule, stopSchedule } from '../schedule/start.ts'
import type { Mode } from './model.ts'
import type { OutcomeCode } from './outcome.ts'

/** Whether a server runs. `deleted`: gone, and still listed for a while. `other`: neither on nor off, such as suspended. */
export type Power = 'on' | 'off' | 'error' | 'deleted' | 'other'

export interface PowerState {
  power: Power
  /** What is under way, in the cloud's own word, such as `rebooting`; `null` when nothing is. */
  busy: string | null
  /** Where a stop or a start of its own is what is under way: another request for it would be refused. */
  turning: 'off' | 'on' | null
}

interface ActionFacts {
  /** The state that proves it, in which there is nothing to do. */
  goal: Power
  /** The state from which a server is asked. */
  from: Power
  /** The proven state, for people. */
  goalWord: string
  /** The state proves it only where nothing is under way. */
  provenIdle: boolean
  /** The status of a server that a fresh read proved there, and its code where all went as usual. */
  done: 'stopped' | 'started'
  /** The code of a server that was there before any request. */
  already: OutcomeCode
  /** The code of a server that is in neither state. */
  unready: OutcomeCode
  /** The code of a server that is not there after the deadline. */
  unchanged: OutcomeCode
  /** The switch in the settings, and the code of targets while it is off. */
  switch: 'stopsEnabled' | 'startsEnabled'
  disabled: 'stops-disabled' | 'starts-disabled'
  /** Whether what protects or snoozes a server, a tag or a snooze of its own, keeps it from this. */
  heedsTags: boolean
  /** Whether it is done softly or hard. */
  hasModes: boolean
  /** The schedule of a policy that it is due by; null: the policy does not do it. */
  scheduleOf: (policy: Schedules) => DueSchedule | null
  /** Where the policy's state keeps when it is due next. */
  dueField: 'nextDueAt' | 'nextStartDueAt'
  /** Whether a snooze of the policy skips it. */
  isSnoozed: boolean
  /** What ids of scheduled runs have at their end. */
  idEnd: '' | '.start'
}

export const Action = z.enum(['stop', 'start'])
export type Action = z.infer<typeof Action>

export const ACTIONS = {
  stop: {
    goal: 'off',
    from: 'on',
    goalWord: 'off',
    provenIdle: false,
    done: 'stopped',
    already: 'already-stopped',
    unready: 'not-active',
    unchanged: 'still-running',
    switch: 'stopsEnabled',
    disabled: 'stops-disabled',
    heedsTags: true,
    hasModes: true,
    scheduleOf: stopSchedule,
    dueField: 'nextDueAt',
    isSnoozed: true,
    idEnd: '',
  },
  start: {
    goal: 'on',
    from: 'off',
    goalWord: 'running',
    provenIdle: true,
    done: 'started',
    already: 'already-running',
    unready: 'not-off',
    unchanged: 'still-off',
    switch: 'startsEnabled',
    disabled: 'starts-disabled',
    heedsTags: false,
    hasModes: false,
    scheduleOf: startSchedule,
    dueField: 'nextStartDueAt',
    isSnoozed: false,
    idEnd: '.start',
  },
} as const satisfies Record<Action, ActionFacts>

/** What one request asks for. */
export interface Act {
  action: Action
  mode: Mode
}

/** Whether the state of a server proves an action. */
export const isDone = (action: Action, { power, busy }: Pick<PowerState, 'power' | 'busy'>): boolean =>
  power === ACTIONS[action].goal && (busy === null || !ACTIONS[action].provenIdle)
/** Whether the cloud is carrying the action out on a server: another request for it would be refused. */
export const isUnderWay = (action: Action, { turning }: Pick<PowerState, 'turning'>): boolean =>
  turning === ACTIONS[action].goal
/** Whether a server is where the action finds it before anything was done. */
export const isUntouched = (action: Action, { power, busy }: Pick<PowerState, 'power' | 'busy'>): boolean =>
  power === ACTIONS[action].from && busy === null
