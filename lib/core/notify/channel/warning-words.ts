/** The words of warnings, by the language of a channel. */
import type { LinkAction } from '../snooze-link.ts'
import type { Language } from './channel.ts'

interface WarningWords {
  willStop: (servers: number) => string
  /** For when their number could not be found out. */
  willStopSome: string
  why: string
  about: string
  actions: Record<LinkAction, string>
  openPolicy: string
}

const WARNING_WORDS: Record<Language, WarningWords> = {
  en: {
    willStop: servers => (servers === 1 ? '1 server will be stopped' : `${servers} servers will be stopped`),
    willStopSome: 'its servers will be stopped',
    why: 'How many could not be found out',
    about: 'About',
    actions: {
      'not-tonight': 'Not tonight',
      'one-hour': 'One hour later',
      'three-hours': 'Three hours later',
    },
    openPolicy: 'Open the policy',
  },
  zh: {
    willStop: servers => `${servers} 台服务器即将关机`,
    willStopSome: '所选服务器即将关机',
    why: '无法统计数量',
    about: '说明',
    actions: { 'not-tonight': '今晚不关机', 'one-hour': '推迟一小时', 'three-hours': '推迟三小时' },
    openPolicy: '查看策略',
  },
}

export const warningWordsIn = (language: Language): WarningWords => WARNING_WORDS[language]
