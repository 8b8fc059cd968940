/** Where what held the focus goes away, the keyboard goes on at the screen, not at the top of the page. */
export function keepFocus(root: HTMLElement): void {
  let last: EventTarget | null = null
  document.addEventListener('focusin', ({ target }) => {
    last = target
  })
  new MutationObserver(() => {
    const isLost = document.activeElement === document.body && last instanceof Element && !last.isConnected
    if (isLost) document.getElementById('main')?.focus({ preventScroll: true })
  }).observe(root, { childList: true, subtree: true })
}
