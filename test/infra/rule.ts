/** Rules of the event bus, and what EventBridge makes of an event by them. */
import * as z from 'zod'
import { Named, ofType, type Packaged } from './packaged.ts'

/** A text as it is written, or the pseudo parameter that stands for one. */
const Text = z.union([z.string(), z.object({ Ref: z.string() }).transform(({ Ref }) => `<${Ref}>`)])
const Rule = z.object({
  EventBusName: z.string(),
  EventPattern: z.object({
    source: z.array(z.string()),
    'detail-type': z.array(z.string()),
    detail: z.record(z.string(), z.array(Text)),
  }),
  Targets: z.tuple([
    z.object({
      Arn: Named,
      RoleArn: Named,
      InputTransformer: z.object({
        InputPathsMap: z.record(z.string(), z.string()),
        InputTemplate: z.object({ 'Fn::Sub': z.string() }).transform(text => text['Fn::Sub']),
      }),
    }),
  ]),
})
type Rule = z.infer<typeof Rule>

export const rules = (stack: Packaged) => ofType(stack, 'AWS::Events::Rule', Rule)
export const textOf = ({ Targets: [target] }: Rule): string => target.InputTransformer.InputTemplate

interface Event {
  source: string
  'detail-type': string
  detail: Record<string, unknown>
}

export function isMatched({ EventPattern: pattern }: Rule, event: Event): boolean {
  const wanted = [
    [pattern.source, event.source],
    [pattern['detail-type'], event['detail-type']],
    ...Object.entries(pattern.detail).map(([field, values]) => [values, event.detail[field]]),
  ] as [string[], unknown][]
  return wanted.every(([values, value]) => values.some(one => one === value))
}

/** EventBridge user guide, "Amazon EventBridge input transformation": values are put in as they are, and strings need their quotes. */
export function told(rule: Rule, event: Event): string {
  const { InputPathsMap } = rule.Targets[0].InputTransformer
  const value = (path: string): unknown =>
    path
      .split('.')
      .slice(1)
      .reduce<unknown>((part, field) => (part as Record<string, unknown>)?.[field], event)
  const text = textOf(rule).replaceAll(/<([a-z]+)>/g, (_, name: string) =>
    String(value(InputPathsMap[name] ?? '') ?? ''),
  )
  return z.string().parse(JSON.parse(text))
}
