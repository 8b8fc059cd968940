/** The documents of the API, as its own schemas say them. Types alone: nothing of the server reaches the browser. */
import type * as z from 'zod'
import type { Coverage as CoverageSchema } from '../../lib/http/schemas/coverage-schemas.ts'
import type { Now as NowSchema, Week as WeekSchema } from '../../lib/http/schemas/overview-schemas.ts'
import type { Preview as PreviewSchema, Why as WhySchema } from '../../lib/http/schemas/preview-schemas.ts'
import type {
  CancelBody,
  ChangeDocument,
  OutcomeDocument,
  RunDocument,
  UndoBody,
} from '../../lib/http/schemas/run-schemas.ts'
import type { SavingsSummary } from '../../lib/http/schemas/savings-schemas.ts'
import type {
  Check as CheckSchema,
  ConnectionDocument,
  PolicyDocument,
  Problem as ProblemSchema,
  SettingsDocument,
  SnoozedPolicyDocument,
} from '../../lib/http/schemas/schemas.ts'

import type {
  ServerList,
  SnoozedServer as SnoozedServerDocument,
} from '../../lib/http/schemas/server-schemas.ts'

export type SavingsSum = z.infer<typeof SavingsSummary>
export type Coverage = z.infer<typeof CoverageSchema>
export type Run = z.infer<typeof RunDocument>
export type Outcome = z.infer<typeof OutcomeDocument>
export type Policy = z.infer<typeof PolicyDocument>
export type SnoozedPolicy = z.infer<typeof SnoozedPolicyDocument>
export type Connection = z.infer<typeof ConnectionDocument>
export type Check = z.infer<typeof CheckSchema>
export type Preview = z.infer<typeof PreviewSchema>
export type Why = z.infer<typeof WhySchema>
export type ServerPage = z.infer<typeof ServerList>
export type Server = ServerPage['items'][number]
export type SnoozedServer = z.infer<typeof SnoozedServerDocument>
export type Change = z.infer<typeof ChangeDocument>
export type Settings = z.infer<typeof SettingsDocument>
export type Problem = z.infer<typeof ProblemSchema>
export type Cancel = z.input<typeof CancelBody>
export type Undo = z.input<typeof UndoBody>
export type NowAnswer = z.infer<typeof NowSchema>
export type NextAction = NowAnswer['next'][number]
export type Attention = NowAnswer['attention'][number]
export type WeekAnswer = z.infer<typeof WeekSchema>
export type WeekItem = WeekAnswer['items'][number]

/** A page of a list. */
export interface Page<T> {
  items: T[]
  unreadable?: string[]
  nextCursor: string | null
}
