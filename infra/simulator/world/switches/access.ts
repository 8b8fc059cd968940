/** Hosts, tokens and signatures: how the cloud lets callers in. */

export interface AccessSwitches {
  /** Whether a server that asks about itself has an agency. */
  serverHasAgency: boolean
  /** How long a token is good for. */
  tokenSeconds: number
  /** How far the cloud's clock, which judges signatures, is ahead. */
  clockSkewSeconds: number
  /** BMS paths answer only under `bmsUrl`, ECS paths only under `url`, and a job only where it was made. */
  separateHosts: boolean
}

export const defaultAccess = (): AccessSwitches => ({
  serverHasAgency: false,
  tokenSeconds: 3600,
  clockSkewSeconds: 0,
  separateHosts: false,
})
