import * as z from 'zod'
import { Named, ofType, type Packaged } from './packaged.ts'

const Alarm = z.looseObject({
  AlarmDescription: z.object({ 'Fn::Sub': z.string() }).transform(text => text['Fn::Sub']),
  AlarmActions: z.array(Named),
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: Named })).optional(),
})

export const alarms = (stack: Packaged) => ofType(stack, 'AWS::CloudWatch::Alarm', Alarm)
