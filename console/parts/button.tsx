import type { ComponentChildren } from 'preact'

interface ButtonProps {
  /** `main`: what most people want here; `danger`: stops, starts or deletes. */
  look?: 'main' | 'danger' | 'link'
  /** Waits for an answer: it cannot be pressed twice. */
  isBusy?: boolean
  disabled?: boolean
  label?: string
  onClick(): void
  children: ComponentChildren
}

export function Button({ look, isBusy = false, disabled = false, label, onClick, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={look}
      aria-busy={isBusy}
      // One that waits keeps the focus; `disabled` takes it away.
      aria-disabled={isBusy}
      disabled={disabled}
      {...(label === undefined ? {} : { 'aria-label': label })}
      onClick={() => isBusy || onClick()}
    >
      {children}
    </button>
  )
}
