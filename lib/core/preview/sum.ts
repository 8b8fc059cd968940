/** The previews of a policy in each of its connections, as one. */
import { globMatches } from '../model/glob.ts'
import { MAX_SHOWN, type Preview } from './preview.ts'
import { firstWarnings, type Warning } from './warnings.ts'

/** The preview of a policy in one of its connections. */
interface ConnectionPreview extends Preview {
  connection: string
}
interface NotPreviewed {
  connection: string
  reason: string
}
export interface PreviewParts {
  /** What the policy says of its connections. */
  patterns: string[]
  /** Ids of all connections that it is about now. */
  connections: string[]
  dueTimes: Preview['dueTimes']
  previews: ConnectionPreview[]
  unreachable: NotPreviewed[]
}

const MAX_NAMED = 3

function namesText(ids: string[]): string {
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : ''
  return `${ids.slice(0, MAX_NAMED).join(', ')}${more}`
}

/** A warning that holds everywhere is told once; any other names where it holds. */
function mergedWarnings(previews: ConnectionPreview[]): Warning[] {
  const all = previews.flatMap(({ connection, warnings }) =>
    warnings.map(warning => ({ connection, warning })),
  )
  const groups = Map.groupBy(all, ({ warning: { code, message } }) => `${code} ${message}`)
  return [...groups.values()].map(group => {
    const [{ warning }] = group as [(typeof group)[0]]
    const servers = group.flatMap(one => one.warning.servers ?? [])
    const where = group.length === previews.length ? '' : `${namesText(group.map(one => one.connection))}: `
    return {
      code: warning.code,
      message: `${where}${warning.message}`,
      ...(warning.servers ? { servers } : {}),
    }
  })
}

/** Ids and globs that no connection matches now. */
const unmatchedWarnings = ({ patterns, connections }: PreviewParts): Warning[] =>
  patterns
    .filter(pattern => !connections.some(id => globMatches(pattern, id)))
    .map(pattern => ({
      code: 'no-connection',
      message: `connections: no connection matches "${pattern}" now`,
    }))

/** Why runs in all connections would do nothing; `null` when one of them would do something, as far as is known. */
function allBlockedBy({ connections, previews, unreachable }: PreviewParts): string | null {
  if (connections.length === 0) return 'no connection matches: a run that is due ends failed'
  const reasons = previews.flatMap(({ blockedBy }) => blockedBy ?? [])
  if (unreachable.length > 0 || reasons.length < previews.length) return null
  const [first, ...others] = new Set(reasons)
  return others.length === 0 ? first! : `${first} (and ${others.length} more reasons)`
}

/** Numbers are whole; lists hold the first servers, each with its connection. */
export function sumPreviews(all: PreviewParts) {
  const { dueTimes, previews, unreachable } = all
  const sum = (field: keyof Preview['summary']): number =>
    previews.reduce((total, { summary }) => total + summary[field], 0)
  const named = <T extends object>(listOf: (preview: Preview) => T[]) =>
    previews
      .flatMap(preview => listOf(preview).map(one => ({ ...one, connection: preview.connection })))
      .slice(0, MAX_SHOWN)
  const warnings = [...unmatchedWarnings(all), ...mergedWarnings(previews)]
  return {
    dueTimes,
    summary: { matched: sum('matched'), targets: sum('targets'), skipped: sum('skipped') },
    targets: named(({ targets }) => targets),
    skipped: named(({ skipped }) => skipped),
    warnings: firstWarnings(warnings),
    warningCount: warnings.length,
    blockedBy: allBlockedBy(all),
    connections: previews.map(({ connection, summary, blockedBy }) => ({
      connection,
      ...summary,
      blockedBy,
    })),
    unreachable,
  }
}
