import { render } from 'preact'
import { signIn } from './api/session.ts'
import { takeTokenFromAddress } from './api/token.ts'
import { App } from './app.tsx'
import { keepFocus } from './keep-focus.ts'

takeTokenFromAddress()
// The link may be opened in a tab that shows the console already.
window.addEventListener('hashchange', () => {
  if (takeTokenFromAddress()) signIn.dispatchEvent(new Event('done'))
})
const root = document.getElementById('app')!
root.replaceChildren()
keepFocus(root)
render(<App />, root)
