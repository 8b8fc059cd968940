/** The page behind a link: plain HTML with one button, no script, nothing from anywhere else. */
import { createHash } from 'node:crypto'
import type { LinkState } from '../../../core/documents/links/press.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import type { Run } from '../../../core/model/run.ts'
import type { Language } from '../../../core/notify/channel/channel.ts'
import { connectionsText } from '../../../core/notify/channel/warning-message.ts'
import type { SnoozeLink } from '../../../core/notify/snooze-link.ts'
import { localTime } from '../../../core/schedule/zone.ts'
import { escapeHtml } from '../../documentation/page.ts'
import type { Answer } from '../../route.ts'
import { PAGE_WORDS } from './words.ts'

type LanguageWords = (typeof PAGE_WORDS)[Language]

const STYLE = `:root{color-scheme:light dark}*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 1rem}dl{margin:1rem 0}dt{font-size:.875rem;opacity:.8}dd{margin:0 0 .75rem}
label{display:block;font-weight:600}input,button{font:inherit;width:100%;padding:.6rem .75rem;border:1px solid GrayText;border-radius:.4rem}
small{display:block;margin:.25rem 0 1rem}button{font-weight:600;min-height:3rem;cursor:pointer;background:#1d4ed8;border-color:#1d4ed8;color:#fff}
button:focus-visible,input:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
/** Its own style and its own form, and nothing else at all. */
const RULES = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

interface Content {
  language: Language
  title: string
  /** HTML. */
  body: string
}

/** The form is sent with the origin that it came from, which no other page learns. */
const pageHtml = ({ language, title, body }: Content): string =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="referrer" content="same-origin"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>
`

const pageAnswer = (status: number, content: Content): Answer => ({
  status,
  body: pageHtml(content),
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': RULES,
    'content-language': content.language,
    vary: 'accept-language',
  },
})

/** The same for everything that is no link of ours. */
export function unknownPage(language: Language): Answer {
  const { title, text } = PAGE_WORDS[language].unknown
  return pageAnswer(404, { language, title, body: `<p>${escapeHtml(text)}</p>` })
}

interface ShownLink {
  link: SnoozeLink
  language: Language
  /** `null`: it was deleted. */
  policy: StoredPolicy | null
  state: LinkState
  /** Of a stop whose time has come. */
  runs: Run[]
}

type Fact = [name: string, value: string]

const runFact = ({ run: name, statuses }: LanguageWords, { id, status, reason, summary }: Run): Fact => [
  name,
  `${id}: ${statuses[status]}${reason ? `: ${reason}` : ''} (${summary.stopped}/${summary.targets})`,
]

/** What there is to tell of a state beyond its words. */
function stateFacts(
  { state, runs }: ShownLink,
  words: LanguageWords,
  local: (instant: string) => string,
): Fact[] {
  switch (state.kind) {
    case 'open':
    case 'moved':
      return [[words.comesAt, local(state.until)]]
    case 'skipped':
      return state.reason === null ? [] : [[words.reason, state.reason]]
    case 'gone':
      return [[words.nextStop, state.nextStopAt === null ? words.never : local(state.nextStopAt)]]
    case 'refused':
      return [[words.reason, state.message]]
    case 'late':
      return runs.length === 0 ? [[words.run, words.noRun]] : runs.map(run => runFact(words, run))
    case 'used':
      return []
  }
}

const factsHtml = (facts: Fact[]): string =>
  `<dl>${facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`

const formHtml = (words: LanguageWords, { action }: SnoozeLink): string =>
  `<form method="post"><label for="name">${escapeHtml(words.name)}</label><input id="name" name="name" maxlength="100" autocomplete="name">` +
  `<small>${escapeHtml(words.nameHint)}</small><button>${escapeHtml(words.actions[action])}</button></form>`

/** How the link stands, in the zone of its policy; its button where it would act. */
export function linkPage(seen: ShownLink): Answer {
  const { link, language, policy, state } = seen
  const words = PAGE_WORDS[language]
  const local = (instant: string) => localTime(Date.parse(instant), policy?.schedule.timeZone ?? 'UTC')
  const isOpen = state.kind === 'open'
  const moves = isOpen && link.action !== 'not-tonight'
  const facts: Fact[] = [
    [words.stopDue, local(link.stopAt)],
    ...(policy ? [[words.connection, `${connectionsText(policy)} (${policy.kind})`] satisfies Fact] : []),
    ...(isOpen && !moves ? [] : stateFacts(seen, words, local)),
  ]
  const text = isOpen ? words.will[link.action] : words.states[state.kind]
  const body = `<p>${escapeHtml(text)}</p>${factsHtml(facts)}${isOpen ? formHtml(words, link) : ''}`
  const title = `${link.policyId}: ${isOpen ? words.actions[link.action] : words.states[state.kind]}`
  return pageAnswer(200, { language, title, body })
}
