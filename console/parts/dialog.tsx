import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  /** Pressed Escape, or chose to leave. */
  onClose(): void
  children: ComponentChildren
}

/** A dialog of the browser's own: it holds the focus, Escape leaves it, and the focus goes back where it was. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const leave = useRef(onClose)
  leave.current = onClose
  useLayoutEffect(() => {
    const element = dialog.current!
    const { activeElement } = document
    const closed = () => leave.current()
    element.showModal()
    // The browser closes it by itself where Escape is pressed twice.
    element.addEventListener('close', closed)
    return () => {
      element.removeEventListener('close', closed)
      // As long as it is open nothing behind it takes the focus.
      element.close()
      if (activeElement instanceof HTMLElement) activeElement.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
    >
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="link" onClick={onClose}>
          Close
        </button>
      </div>
      {children}
    </dialog>
  )
}
