import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

interface FoldProps {
  title: ComponentChildren
  /** Opened from the beginning. */
  isOpen?: boolean
  /** Made only once it is opened: there may be a thousand lines in it. */
  children(): ComponentChildren
}

/** Something that few want to see, behind its title. */
export function Fold({ title, isOpen = false, children }: FoldProps) {
  const [wasOpened, setOpened] = useState(isOpen)
  return (
    <details open={isOpen} onToggle={event => setOpened(was => was || event.currentTarget.open)}>
      <summary>{title}</summary>
      {(wasOpened || isOpen) && children()}
    </details>
  )
}
