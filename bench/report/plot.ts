/** A plot of what a night costs over the size of the fleet, as SVG text: both axes in powers of ten. */

export interface Line {
  name: string
  points: { servers: number; value: number }[]
}
export interface Panel {
  title: string
  lines: Line[]
}

const WIDTH = 330
const HEIGHT = 260
const LEFT = 52
const TOP = 44
const PLOT_WIDTH = 246
const PLOT_HEIGHT = 160
const COLOURS = ['#0b6e99', '#c2410c', '#6b7280', '#7c3aed', '#15803d', '#b91c1c']

interface Scale {
  at: (value: number) => number
  marks: number[]
}

/** Whole powers of ten around the values, over so many pixels. */
function scale(values: number[], pixels: number): Scale {
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ]
  const span = Math.max(1, high - low)
  return {
    at: value => ((Math.log10(value) - low) / span) * pixels,
    marks: Array.from({ length: span + 1 }, (_, i) => 10 ** (low + i)),
  }
}

const number = (value: number): string =>
  value >= 1 ? value.toLocaleString('en-US') : String(Number(value.toPrecision(1)))
const place = (value: number): string => value.toFixed(1)

function text(at: [x: number, y: number], words: string, more = ''): string {
  return `<text x="${place(at[0])}" y="${place(at[1])}" ${more}>${words}</text>`
}

function axes(x: Scale, y: Scale): string[] {
  const floor = TOP + PLOT_HEIGHT
  const across = y.marks.map(mark => {
    const at = floor - y.at(mark)
    const line = `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${place(at)}" y2="${place(at)}" stroke="#e5e7eb"/>`
    return line + text([LEFT - 6, at + 3.5], number(mark), 'text-anchor="end"')
  })
  const along = x.marks.map(mark =>
    text([LEFT + x.at(mark), floor + 16], number(mark), 'text-anchor="middle"'),
  )
  return [...across, ...along]
}

function drawn({ title, lines }: Panel, colours: Map<string, string>): string {
  const points = lines.flatMap(line => line.points)
  const x = scale(
    points.map(({ servers }) => servers),
    PLOT_WIDTH,
  )
  const y = scale(
    points.map(({ value }) => value),
    PLOT_HEIGHT,
  )
  const at = ({ servers, value }: Line['points'][number]): [number, number] => [
    LEFT + x.at(servers),
    TOP + PLOT_HEIGHT - y.at(value),
  ]
  const curves = lines.map(line => {
    const colour = colours.get(line.name)
    const corners = line.points.map(point => at(point).map(place).join(',')).join(' ')
    const dots = line.points.map(point => {
      const [cx, cy] = at(point).map(place)
      return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${colour}"/>`
    })
    return `<polyline points="${corners}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`
  })
  const under = text([LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT + 34], 'servers', 'text-anchor="middle"')
  return [text([LEFT, 24], title, 'font-weight="600"'), ...axes(x, y), ...curves, under].join('\n')
}

/** Panels side by side, each line of a name in its colour, the names below. */
export function plot(panels: Panel[]): string {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))]
  const colours = new Map(names.map((name, i) => [name, COLOURS[i % COLOURS.length]!]))
  const width = WIDTH * panels.length
  const each = width / names.length
  const legend = names.map((name, i) => {
    const dot = `<circle cx="${place(LEFT + i * each)}" cy="${HEIGHT + 6}" r="4" fill="${colours.get(name)}"/>`
    return dot + text([LEFT + 9 + i * each, HEIGHT + 10], name)
  })
  const groups = panels.map(
    (panel, i) => `<g transform="translate(${i * WIDTH} 0)">\n${drawn(panel, colours)}\n</g>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT + 24}" font-family="system-ui, sans-serif" font-size="11" fill="#374151">`,
    `<rect width="${width}" height="${HEIGHT + 24}" fill="#ffffff"/>`,
    ...groups,
    ...legend,
    '</svg>\n',
  ].join('\n')
}
