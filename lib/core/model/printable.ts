/** Text that others wrote, as a terminal may be given it. */

/** Controls, of which terminals make colours, cursor moves and titles, and marks that turn the direction of a text. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** On one line, with what is hidden or acts shown by its number, such as `\u001b`. */
export const printable = (text: string): string =>
  text
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(HIDDEN, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The same, line by line. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')
