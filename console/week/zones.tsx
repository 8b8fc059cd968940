/** The choice of a zone for all rows. */
import { useId } from 'preact/hooks'
import { ownZone } from '../words/time.ts'

const ALL_ZONES = Intl.supportedValuesOf('timeZone')

interface ZoneChoiceProps {
  /** Empty: each policy's own. */
  zone: string
  onChoose(zone: string): void
}

export function ZoneChoice({ zone, onChoose }: ZoneChoiceProps) {
  const id = useId()
  const first = [...new Set([ownZone(), 'UTC', ...(zone === '' ? [] : [zone])])]
  return (
    <span class="row">
      <label for={id}>Times in</label>
      <select id={id} value={zone} onChange={event => onChoose(event.currentTarget.value)}>
        <option value="">each policy’s own zone</option>
        <optgroup label="One zone for all">
          {first.map(one => (
            <option key={one} value={one}>
              {one === ownZone() ? `${one} (yours)` : one}
            </option>
          ))}
        </optgroup>
        <optgroup label="All zones">
          {ALL_ZONES.filter(one => !first.includes(one)).map(one => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </optgroup>
      </select>
    </span>
  )
}
