/**
 * Takes the place of `undici` in the bundles: the product dispatches on agents and uses nothing else of it, and the
 * whole (fetch, WebSocket, caches, mocks) is 260 kB more. Whoever imports another name gets `undefined` in a bundle: add it
 * here.
 */
export { default as Agent } from 'undici/lib/dispatcher/agent.js'
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js'
