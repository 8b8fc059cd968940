import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface CardProps {
  title: string
  /** Beside the title. */
  aside?: ComponentChildren
  class?: string
  children: ComponentChildren
}

/** A part of a screen that stands for itself. */
export function Card({ title, aside, class: more = '', children }: CardProps) {
  const id = useId()
  return (
    <section class={`card ${more}`} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** Nothing is here, and what to do about it. */
export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>
