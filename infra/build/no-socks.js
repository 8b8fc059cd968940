/** Takes the place of undici's way through a SOCKS proxy in the bundles: a proxy's URL is http or https (`lib/runtime/config.ts`). */
export default class {}
