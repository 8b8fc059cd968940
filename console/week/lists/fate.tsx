import { ToneWord } from '../../parts/status-word.tsx'
import { EndingSign } from '../glyphs.tsx'
import type { Moment } from '../layout.ts'
import { endingOf, fateText } from '../words.ts'

/** What became of it: in its colour and word. */
export function Fate({ moment }: { moment: Moment }) {
  const { run } = moment
  if (!run) return <span class="soft">{fateText(moment)}</span>
  const { tone, word } = endingOf(run)
  return (
    <>
      <EndingSign tone={tone} /> <ToneWord tone={tone}>{word}</ToneWord>
      <span class="soft">{fateText(moment).slice(word.length)}</span>
    </>
  )
}
