import type { Run } from '../api/types.ts'
import { Bar } from '../parts/bar.tsx'
import { hrefTo } from '../router.ts'
import { aimText, countText, hasEnded } from '../words/run.ts'
import { progressText, type Share, sharesOf } from './outcome-words.ts'

/** How far a run is, its bar, and the bar in words; each word shows its servers. */
export function RunNumbers({ run }: { run: Run }) {
  const shares = sharesOf(run)
  return (
    <div class="numbers">
      {!hasEnded(run) && (
        <p>
          {progressText(run)}
          {run.cancel !== undefined && ' It is cancelled: nothing more is sent, what was sent is followed.'}
        </p>
      )}
      {run.summary.matched > 0 && (
        <>
          <Bar parts={shares} total={run.summary.matched} />
          <p class="soft">{`${countText(run.summary.matched, 'server')} matched, ${aimText(run)}.`}</p>
          <ul class="legend">
            {shares.map(share => (
              <li key={share.label}>
                <LegendEntry run={run} share={share} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function LegendEntry({ run, share: { status, count, label, tone, codes } }: { run: Run; share: Share }) {
  const words = `${count.toLocaleString()} ${label}`
  return (
    <>
      <i class={`fill-${tone}`} aria-hidden="true" />
      {status === null ? (
        <span class="word">{words}</span>
      ) : (
        <a class={`word ${tone}`} href={hrefTo(['runs', run.id], { status })}>
          {words}
        </a>
      )}
      {status !== null && codes.some(({ code }) => code !== status) && (
        <span class="soft">
          {codes.map(({ code, count: of }, place) => (
            <span key={code}>
              {place === 0 ? ': ' : ', '}
              {of.toLocaleString()} <a href={hrefTo(['runs', run.id], { status, code })}>{code}</a>
            </span>
          ))}
        </span>
      )}
    </>
  )
}
