import { useState } from 'preact/hooks'

/** A text that one wants elsewhere. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <span class="copy">
      <code>{text}</code>{' '}
      <button type="button" class="link" onClick={copy} aria-label={`Copy ${what}`}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </span>
  )
}
