/** The words of messages, by the language of a channel. */
import type { OutcomeCode } from '../../model/outcome.ts'
import type { RunStatus } from '../../model/run.ts'
import type { Language } from './channel.ts'

type EndStatus = Exclude<RunStatus, 'pending' | 'running'>

export interface Words {
  ended: Record<EndStatus, string>
  stopped: string
  started: string
  dryRun: string
  undo: string
  manual: string
  due: string
  connection: string
  result: string
  /** Such as `12 of 14 stopped`. */
  numbers: (done: number, of: number, word: string) => string
  skipped: (count: number) => string
  failed: (count: number) => string
  unconfirmed: (count: number) => string
  reasons: string
  reason: string
  servers: string
  more: (count: number) => string
  openRun: string
  escalated: (name: string) => string
  noCapacity: (name: string) => string
  askedAgainUntil: string
  test: string
  channel: string
  asker: string
  installation: string
  openConsole: string
  /** Codes that tell why a server fell short; absent: the code itself. */
  codes: Partial<Record<OutcomeCode, string>>
  comma: string
}

const en: Words = {
  ended: {
    succeeded: 'succeeded',
    partial: 'partly succeeded',
    failed: 'failed',
    blocked: 'was blocked',
    missed: 'was missed',
    cancelled: 'was cancelled',
  },
  stopped: 'stopped',
  started: 'started',
  dryRun: 'dry run',
  undo: 'undo',
  manual: 'by hand',
  due: 'Due',
  connection: 'Connection',
  result: 'Result',
  numbers: (done, of, word) => `${done} of ${of} ${word}`,
  skipped: count => `${count} skipped`,
  failed: count => `${count} failed`,
  unconfirmed: count => `${count} unconfirmed`,
  reasons: 'Why',
  reason: 'Reason',
  servers: 'Servers',
  more: count => `and ${count} more`,
  openRun: 'Open the run',
  escalated: name => `${name}: a hard stop follows for servers that a soft one left running`,
  noCapacity: name => `${name}: the cloud has no room to start servers now`,
  askedAgainUntil: 'Asked again until',
  test: 'A test: this channel is told by Curfew',
  channel: 'Channel',
  asker: 'Asked by',
  installation: 'Installation',
  openConsole: 'Open the console',
  codes: {},
  comma: ', ',
}

const zh: Words = {
  ended: {
    succeeded: '成功',
    partial: '部分成功',
    failed: '失败',
    blocked: '被限制阻止',
    missed: '错过了时间',
    cancelled: '已取消',
  },
  stopped: '已关机',
  started: '已开机',
  dryRun: '演练',
  undo: '撤销',
  manual: '手动',
  due: '计划时间',
  connection: '连接',
  result: '结果',
  numbers: (done, of, word) => `${of} 台中 ${done} 台${word}`,
  skipped: count => `跳过 ${count} 台`,
  failed: count => `失败 ${count} 台`,
  unconfirmed: count => `未确认 ${count} 台`,
  reasons: '原因统计',
  reason: '原因',
  servers: '服务器',
  more: count => `另有 ${count} 台`,
  openRun: '查看本次运行',
  escalated: name => `${name}：软关机后仍在运行的服务器将被强制关机`,
  noCapacity: name => `${name}：云上资源不足，暂时无法开机`,
  askedAgainUntil: '重试至',
  test: '测试消息：本群将收到 Curfew 的通知',
  channel: '通知渠道',
  asker: '发起人',
  installation: '部署',
  openConsole: '打开控制台',
  codes: {
    'job-failed': '云任务失败',
    'still-running': '仍在运行',
    'still-off': '仍未开机',
    'no-capacity': '资源不足',
    'in-error': '服务器故障',
    refused: '被云拒绝',
    throttled: '被云限流',
    unavailable: '云暂不可用',
    credentials: '密钥不可用',
    'not-learnt': '结果未知',
    'not-found': '未找到',
    busy: '忙碌',
    locked: '已锁定',
    frozen: '已冻结',
  },
  comma: '，',
}

const WORDS: Record<Language, Words> = { en, zh }
export const wordsIn = (language: Language): Words => WORDS[language]
