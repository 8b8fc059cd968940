/**
 * Reading fields on which nothing depends alone: each only as far as it is what it should be. A schema for each of them would cost as
 * much as to parse the whole answer (bench/README.md).
 */

export type WireFields = Record<string, unknown>

export const isObject = (value: unknown): value is WireFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of an object; none where the value is no object. */
export const fieldsOf = (value: unknown): WireFields => (isObject(value) ? value : {})

/** `''` where it is no text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
