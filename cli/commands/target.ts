/** Which servers a run is about: those of a policy, or those that the command line names. */
import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { Kind, Mode } from '../../lib/core/model/model.ts'
import type { RunBody } from '../../lib/http/schemas/run-schemas.ts'
import { CalledWrongly } from '../authorize.ts'

type RunRequest = z.input<typeof RunBody>
/** A policy; `connection`: in this one of its connections alone. */
export interface PolicyTarget {
  policyId: string
  connection?: string
}
export type AdHocRequest = Exclude<RunRequest, { policyId: string }>

export interface TargetOptions {
  connection?: string
  kind?: Kind
  name?: string
  id?: string[]
  tag?: string[]
  all?: true
  mode?: Mode
  acceptPowerCut?: true
}

export function addTargetOptions(command: Command, does: 'stop' | 'start'): Command {
  command
    .option(
      '--connection <id>',
      'servers of this connection; with a policy: in this one of its connections alone',
    )
    .addOption(
      new Option('--kind <kind>', 'with --connection: their kind (default: ecs)').choices(Kind.options),
    )
    .option('--name <glob>', 'with --connection: those of this name')
    .option('--id <id...>', 'with --connection: those with any of these ids')
    .option(
      '--tag <key=value...>',
      'with --connection: those with each of these tags; KEY alone: with any value',
    )
    .option('--all', 'with --connection: every server of the kind')
  if (does === 'start') return command
  return command
    .addOption(new Option('--mode <mode>', 'with --connection: how (default: soft)').choices(Mode.options))
    .option('--accept-power-cut', 'with --connection: bare metal loses its power')
}

/** What `--tag env=dev env=test team` asks for. */
function tagsOf(given: string[]): Record<string, string[]> {
  const pairs = given.map(one => {
    const [key = '', ...value] = one.split('=')
    return { key, values: value.length > 0 ? [value.join('=')] : [] }
  })
  const byKey = Map.groupBy(pairs, ({ key }) => key)
  return Object.fromEntries([...byKey].map(([key, of]) => [key, of.flatMap(({ values }) => values)]))
}

/** Throws `CalledWrongly` where both are named, or neither. */
export function targetOf(
  policyId: string | undefined,
  options: TargetOptions,
  does: 'stop' | 'start',
): PolicyTarget | AdHocRequest {
  const { connection, kind = 'ecs', name, id, tag, all, mode, acceptPowerCut } = options
  const adHoc = Object.entries({
    name,
    id,
    tag,
    all,
    mode,
    'accept-power-cut': acceptPowerCut,
    kind: options.kind,
  })
  const [given] = adHoc.find(([, value]) => value !== undefined) ?? []
  if (policyId !== undefined) {
    if (given === undefined) return { policyId, ...(connection === undefined ? {} : { connection }) }
    throw new CalledWrongly(`--${given}: expected a policy, or options that say which servers, got both`)
  }
  if (connection === undefined)
    throw new CalledWrongly('expected the id of a policy, or --connection and which of its servers')
  const selector = { name, ids: id, ...(tag ? { tags: tagsOf(tag) } : {}), all }
  if (Object.values(selector).every(value => value === undefined))
    throw new CalledWrongly('--connection: expected --name, --id, --tag or --all with it')
  const target = { connection, kind, selector }
  if (does === 'start') return { ...target, action: 'start' }
  return { ...target, action: 'stop', mode, acceptPowerCut }
}
