import type { Tone } from '../words/run.ts'

interface BarPart {
  count: number
  /** `stopped`, `failed` */
  label: string
  tone: Tone
}

/** Shares of a whole, side by side; its label says the same in words. */
export function Bar({ parts, total }: { parts: BarPart[]; total: number }) {
  const filled = parts.filter(({ count }) => count > 0)
  const label = filled.map(({ count, label }) => `${count.toLocaleString()} ${label}`).join(', ')
  return (
    <div
      class="bar"
      role="img"
      aria-label={label === '' ? 'no servers' : `${label}, of ${total.toLocaleString()}`}
    >
      {filled.map(part => (
        <i key={part.label} class={`fill-${part.tone}`} style={{ flexGrow: part.count }} />
      ))}
      <i
        class="rest"
        style={{ flexGrow: Math.max(0, total - filled.reduce((sum, { count }) => sum + count, 0)) }}
      />
    </div>
  )
}
