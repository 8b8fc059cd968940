import type { ComponentChildren } from 'preact'

/** Fields that belong together, under their title. */
export const FieldGroup = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <fieldset class="group">
    <legend>{title}</legend>
    {children}
  </fieldset>
)
