import type { ComponentChildren } from 'preact'
import { errorOfField, type FormState } from './form-field.tsx'

interface MoreProps {
  form: FormState
  /** The fields in it: it opens where one of them is wrong. */
  paths: string[]
  title?: string
  children: ComponentChildren
}

/** Fields that few want to change. */
export function More({ form, paths, title = 'More', children }: MoreProps) {
  const isWrong = paths.some(path => errorOfField(form.errors, path) !== undefined)
  return (
    <details open={isWrong || undefined}>
      <summary>{title}</summary>
      {children}
    </details>
  )
}
