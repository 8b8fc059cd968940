/** The words of the page behind a link, in both languages. */
import type { LinkState } from '../../../core/documents/links/press.ts'
import type { RunStatus } from '../../../core/model/run.ts'
import type { Language } from '../../../core/notify/channel/channel.ts'
import type { LinkAction } from '../../../core/notify/snooze-link.ts'

interface PageWords {
  /** What the button says. */
  actions: Record<LinkAction, string>
  /** What it will do; the time is put after it. */
  will: Record<LinkAction, string>
  states: Record<LinkState['kind'], string>
  statuses: Record<RunStatus, string>
  stopDue: string
  connection: string
  comesAt: string
  nextStop: string
  never: string
  reason: string
  run: string
  noRun: string
  name: string
  nameHint: string
  unknown: { title: string; text: string }
}

const ENGLISH: PageWords = {
  actions: {
    'not-tonight': 'Skip this stop',
    'one-hour': 'One hour later',
    'three-hours': 'Three hours later',
  },
  will: {
    'not-tonight': 'This stop, and any before it, will be skipped. Later ones stay as they are.',
    'one-hour': 'This stop will come one hour later, once. Others stay as they are.',
    'three-hours': 'This stop will come three hours later, once. Others stay as they are.',
  },
  states: {
    open: 'Nothing has changed yet.',
    skipped: 'This stop is skipped.',
    moved: 'This stop comes later.',
    used: 'This link acted, and it was taken back since. It acts only once.',
    gone: 'This stop is not due any more.',
    refused: 'This link cannot act now.',
    late: 'Too late: the time of this stop has come.',
  },
  statuses: {
    pending: 'about to begin',
    running: 'going on',
    succeeded: 'succeeded',
    partial: 'partly succeeded',
    failed: 'failed',
    blocked: 'blocked',
    missed: 'missed',
    cancelled: 'cancelled',
  },
  stopDue: 'Stop due',
  connection: 'Connection',
  comesAt: 'Comes at',
  nextStop: 'Next stop',
  never: 'none',
  reason: 'Reason',
  run: 'Its run',
  noRun: 'none is known',
  name: 'Your name',
  nameHint: 'Optional. It is written down with the change, as you give it.',
  unknown: {
    title: 'This link is not known',
    text: 'It may be cut short or out of date. Nothing was changed. The console and the API can still snooze a policy.',
  },
}

const CHINESE: PageWords = {
  actions: { 'not-tonight': '跳过这次关机', 'one-hour': '推迟一小时', 'three-hours': '推迟三小时' },
  will: {
    'not-tonight': '这次关机以及在它之前的关机都会跳过，之后的关机不变。',
    'one-hour': '这次关机推迟一小时，仅此一次，其他关机不变。',
    'three-hours': '这次关机推迟三小时，仅此一次，其他关机不变。',
  },
  states: {
    open: '目前还没有任何改变。',
    skipped: '这次关机已跳过。',
    moved: '这次关机已推迟。',
    used: '这个链接已经生效过，之后又被撤回。它只生效一次。',
    gone: '这次关机已不在计划中。',
    refused: '这个链接现在不能生效。',
    late: '太晚了：关机时间已到。',
  },
  statuses: {
    pending: '即将开始',
    running: '进行中',
    succeeded: '成功',
    partial: '部分成功',
    failed: '失败',
    blocked: '被限制阻止',
    missed: '错过',
    cancelled: '已取消',
  },
  stopDue: '关机时间',
  connection: '连接',
  comesAt: '新的时间',
  nextStop: '下次关机',
  never: '无',
  reason: '原因',
  run: '运行结果',
  noRun: '没有记录',
  name: '您的姓名',
  nameHint: '可不填。会按您填写的内容记录在变更中。',
  unknown: {
    title: '无法识别这个链接',
    text: '链接可能不完整或已过期。没有任何改变。仍可在控制台或通过 API 暂停策略。',
  },
}

export const PAGE_WORDS: Record<Language, PageWords> = { en: ENGLISH, zh: CHINESE }

/** The first of a browser's languages that is one of ours (RFC 9110, section 12.5.4); `null`: none is. */
export function acceptedLanguage(acceptLanguage = ''): Language | null {
  const weighed = acceptLanguage.split(',').map(one => {
    const [tag = '', weight = 'q=1'] = one.toLowerCase().replaceAll(/\s/g, '').split(';')
    return { language: tag.split('-')[0], weight: Number(weight.slice(2)) }
  })
  const ours = weighed.filter(
    ({ language, weight }) => (language === 'en' || language === 'zh') && weight > 0,
  )
  const [first] = ours.toSorted((one, other) => other.weight - one.weight)
  return (first?.language as Language | undefined) ?? null
}
