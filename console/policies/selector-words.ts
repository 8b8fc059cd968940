/** Which servers a policy is about, in words. */
import type { Policy } from '../api/types.ts'
import { countText } from '../words/run.ts'
import { listText } from './cron-words.ts'

type Kind = Policy['kind']
type Which = Pick<Policy, 'kind' | 'selector' | 'exclude'>

/** `servers`, `bare-metal servers` */
export const kindWord = (kind: Kind): string => (kind === 'bms' ? 'bare-metal servers' : 'servers')

/** More ids than this are counted, not named. */
const MAX_IDS = 3

const idsText = (ids: string[]): string =>
  ids.length > MAX_IDS ? `with one of ${countText(ids.length, 'id')}` : `with the id ${listText(ids, 'or')}`

const tagTexts = (tags: Record<string, string[]>): string[] =>
  Object.entries(tags).map(([key, values]) =>
    values.length === 0 ? `with the tag ${key}` : `with the tag ${key} = ${listText(values, 'or')}`,
  )

function conditionTexts({ ids, tags, name }: Policy['exclude']): string[] {
  return [
    ...(tags === undefined ? [] : tagTexts(tags)),
    ...(name === undefined ? [] : [`named ${name}`]),
    ...(ids === undefined ? [] : [idsText(ids)]),
  ]
}

/** Every condition of a selector must hold: `servers with the tag env = dev or test, and named dev-*`. */
export function selectorText({ kind, selector }: Pick<Which, 'kind' | 'selector'>): string {
  const { enterpriseProjectId: project } = selector
  const texts = [
    ...conditionTexts(selector),
    ...(project === undefined ? [] : [`of the enterprise project ${project}`]),
  ]
  return texts.length === 0 ? `all ${kindWord(kind)}` : `${kindWord(kind)} ${texts.join(', and ')}`
}

/** A server that any of its conditions names is left out; `null`: none is. */
export function excludeText({ exclude }: Pick<Which, 'exclude'>): string | null {
  const texts = conditionTexts(exclude)
  return texts.length === 0 ? null : texts.join(', or ')
}
