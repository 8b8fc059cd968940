import type { ComponentChildren } from 'preact'

export interface Column<T> {
  title: string
  /** Numbers stand to the right. */
  isNumber?: true
  cell(row: T): ComponentChildren
}

interface TableProps<T> {
  /** What it lists, for those who cannot see it. */
  caption: string
  columns: Column<T>[]
  rows: T[]
  keyOf(row: T): string
}

/** A list as a table; on a narrow screen each row stands as a block, with the titles beside the values. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    <table class="stacks">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" class={isNumber && 'number'}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={keyOf(row)}>
            {columns.map(({ title, isNumber, cell }) => (
              <td key={title} data-title={title} class={isNumber && 'number'}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
