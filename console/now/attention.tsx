/** What needs a person, with what to do about it. */
import type { Attention } from '../api/types.ts'
import { Card, Empty } from '../parts/card.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { adviceOn } from './words.ts'

export const NeedsYou = ({ attention }: { attention: Attention[] }) => (
  <Card title="Needs you">
    {attention.length === 0 ? (
      <Empty>Nothing. All is well.</Empty>
    ) : (
      <ul class="plain">
        {attention.map(one => (
          <Need key={`${one.code} ${one.runId ?? one.policyId ?? one.connection}`} attention={one} />
        ))}
      </ul>
    )}
  </Card>
)

function Need({ attention }: { attention: Attention }) {
  const { title, tone, todo, link } = adviceOn(attention)
  return (
    <li>
      <ToneWord tone={tone}>{title}</ToneWord>{' '}
      <span class="soft">
        <When at={attention.at} />
      </span>
      <p class="sentence">{attention.message}</p>
      <span class="soft">{todo}</span> {link && <a href={hrefTo(link.parts)}>{link.label}</a>}
    </li>
  )
}
