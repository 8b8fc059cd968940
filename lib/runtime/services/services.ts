/** What each function may use. Its entry point composes that and no more, so its bundle holds no other adapter. */
import type { BaseServices } from './base.ts'
import type { EventServices } from './bus.ts'
import type { CalendarServices } from './calendar.ts'
import type { ChannelServices } from './channel.ts'
import type { CloudServices } from './cloud.ts'
import type { LinkServices } from './links.ts'
import type { WebhookServices } from './webhook.ts'

export type TickServices = BaseServices
export type PlanServices = BaseServices & CloudServices
export type StopServices = BaseServices & CloudServices
export type FollowServices = BaseServices & CloudServices & EventServices
export type NotifyServices = BaseServices &
  CloudServices &
  EventServices &
  WebhookServices &
  ChannelServices &
  LinkServices &
  CalendarServices
export type HttpServices = BaseServices & CloudServices & ChannelServices & LinkServices & CalendarServices
