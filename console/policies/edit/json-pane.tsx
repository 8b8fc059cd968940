/** The policy as the JSON it is. */
import { useId, useRef } from 'preact/hooks'
import type { Draft } from './draft.ts'
import type { FormState } from './form/form-field.tsx'
import { lineOfPath, readJsonText } from './json-text.ts'

interface JsonPaneProps {
  draft: Draft
  errors: FormState['errors']
  onType(text: string): void
  /** Back to the last text that could be read. */
  onReset(): void
}

/** Selects a line, and brings it into view. */
function showLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  area.focus()
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, line - 4)
}

export function JsonPane({ draft: { text, problem }, errors, onType, onReset }: JsonPaneProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  const read = readJsonText(text)
  const lines = 'lines' in read ? read.lines : null
  const goToLine = (line: number) => area.current && showLine(area.current, line)
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>
          <label for={id}>The same as JSON</label>
        </h2>
        <span class="soft">What is changed here changes the form, too.</span>
      </div>
      {problem && (
        <div class="problem" role="alert">
          <p>
            <strong class="bad">This is no JSON yet.</strong>{' '}
            <button type="button" class="link" onClick={() => goToLine(problem.line)}>
              Line {problem.line}, column {problem.column}
            </button>
            : {problem.message}. The form waits until it is.
          </p>
          <button type="button" onClick={onReset}>
            Back to the last that could be read
          </button>
        </div>
      )}
      {lines !== null && errors.length > 0 && (
        <ul class="plain json-errors">
          {errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <button type="button" class="link" onClick={() => goToLine(lineOfPath(lines, path))}>
                Line {lineOfPath(lines, path)}
              </button>{' '}
              <code>{path}</code> <span class="bad">{message}</span>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={area}
        id={id}
        class="json"
        rows={Math.min(40, Math.max(12, text.split('\n').length + 1))}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={problem !== null}
        value={text}
        onInput={event => onType(event.currentTarget.value)}
      />
    </section>
  )
}
