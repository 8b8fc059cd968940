/** The warning to channels before a stop comes: how many servers, when, and the links that put it off. */
import type { ConnectionFields, StoredPolicy } from '../../model/model.ts'
import { isoInstant } from '../../schedule/instant.ts'
import { localTime } from '../../schedule/zone.ts'
import type { LinkAction } from '../snooze-link.ts'
import type { Language } from './channel.ts'
import type { ChannelMessage } from './message.ts'
import { factsOf, MARKS, namesOf } from './run-message.ts'
import { warningWordsIn } from './warning-words.ts'
import { wordsIn } from './words.ts'

interface WarningTelling {
  policy: StoredPolicy
  stopAt: string
  /** How many servers it would stop, as far as that is known; `names`: of the first few. */
  servers: number
  names: string[]
  /** Why not all could be counted; `null` where all were. */
  failed: string | null
  /** The name of this installation. */
  service: string
  publicUrl: string
}

interface OpenLink {
  action: LinkAction
  url: string
}

function titleOf({ policy, servers, failed }: WarningTelling, language: Language): string {
  const words = warningWordsIn(language)
  const what = failed !== null && servers === 0 ? words.willStopSome : words.willStop(servers)
  return `${MARKS.warning} ${policy.id}: ${what}`
}

export const connectionsText = ({ connection, connections = [] }: ConnectionFields): string =>
  [connection ?? [], connections].flat().join(', ')

/** `now`: ms since the epoch. */
export function warningMessage(
  telling: WarningTelling,
  links: OpenLink[],
  { language, now }: { language: Language; now: number },
): ChannelMessage {
  const { policy, stopAt, servers, names, failed, service, publicUrl } = telling
  const words = wordsIn(language)
  const own = warningWordsIn(language)
  const { id, schedule, description } = policy
  const title = titleOf(telling, language)
  const offered = links.map(({ action, url }) => ({ text: own.actions[action], url }))
  return {
    on: 'warning',
    title,
    facts: factsOf([
      [words.servers, namesOf(names, servers, words)],
      [own.why, failed ?? ''],
      [words.due, localTime(Date.parse(stopAt), schedule.timeZone)],
      [words.connection, connectionsText(policy)],
      [own.about, description],
    ]),
    links: [...offered, { text: own.openPolicy, url: `${publicUrl}/#/policies/${id}` }],
    webhook: {
      event: 'curfew.stop.warning',
      timestamp: isoInstant(now),
      text: title,
      version: 1,
      service,
      policyId: id,
      stopAt,
      servers,
      names,
      failed,
      links,
    },
  }
}
