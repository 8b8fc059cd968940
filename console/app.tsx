/** The frame around all screens: where one is, where else one may go, and whether stops are on. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Connections } from './connections/connections.tsx'
import { Now } from './now/now.tsx'
import { Notices } from './parts/notice.tsx'
import { Policies } from './policies/policies.tsx'
import { hrefTo, type Place, usePlace } from './router.ts'
import { Runs } from './runs/runs.tsx'
import { Savings } from './savings/savings.tsx'
import { Servers } from './servers/servers.tsx'
import { SignIn } from './sign-in/sign-in.tsx'
import { Switches } from './switches.tsx'
import { Week } from './week/week.tsx'

interface Screen {
  name: string
  title: string
  show(place: Place): JSX.Element
}

/** Addresses that belong to the screen of another name. */
const ALSO: Record<string, string> = { new: 'policies' }

const SCREENS: Screen[] = [
  { name: '', title: 'Now', show: () => <Now /> },
  { name: 'week', title: 'Week', show: place => <Week place={place} /> },
  { name: 'runs', title: 'Runs', show: place => <Runs place={place} /> },
  { name: 'policies', title: 'Policies', show: place => <Policies place={place} /> },
  { name: 'servers', title: 'Servers', show: place => <Servers place={place} /> },
  { name: 'savings', title: 'Savings', show: () => <Savings /> },
  { name: 'connections', title: 'Connections', show: place => <Connections place={place} /> },
]

export function App() {
  const place = usePlace()
  const [name = '', ...rest] = place.parts
  const screen = SCREENS.find(one => one.name === (ALSO[name] ?? name))
  const main = useRef<HTMLElement>(null)
  const title = [rest[rest.length - 1], screen?.title ?? 'Not found', 'Curfew'].filter(Boolean).join(' · ')
  const address = place.parts.join('/')
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = title
    // Who reads by ear or moves by keyboard begins at the new screen.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [address])
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header>
        <a class="brand" href={hrefTo([])}>
          Curfew
        </a>
        <nav aria-label="Screens">
          {SCREENS.map(one => (
            <a
              key={one.name}
              href={hrefTo(one.name === '' ? [] : [one.name])}
              aria-current={one === screen ? 'page' : undefined}
            >
              {one.title}
            </a>
          ))}
        </nav>
        <Switches />
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {screen ? screen.show(place) : <NotFound />}
      </main>
      <Notices />
      <SignIn />
    </>
  )
}

const NotFound = () => (
  <section class="card">
    <h1>There is no such screen</h1>
    <p>
      The address may be old or cut off. <a href={hrefTo([])}>Go to Now</a>
    </p>
  </section>
)
