import { render } from 'preact'
import { takeTokenFromAddress } from './api/token.ts'
import { App } from './app.tsx'

takeTokenFromAddress()
const root = document.getElementById('app')!
root.replaceChildren()
render(<App />, root)
