/** The top routes over the map: arcs that end in an arrow, with something going along them. */
import type { PositionAnswer, RouteAnswer } from '../../src/page/answers.ts'
import { calmScheme } from './palette.ts'

export interface Arc {
  route: RouteAnswer
  from: PositionAnswer
  to: PositionAnswer
}

interface Point {
  x: number
  y: number
}

/** A quadratic curve in pixels. */
interface Curve {
  start: Point
  middle: Point
  end: Point
  width: number
}

/** How far an arc leaves the straight line, as a share of its length. */
const BEND = 0.24
/** Milliseconds for one way along an arc. */
const TRAVEL_MILLIS = 2_600
const LEAST_WIDTH = 1.2
const MOST_WIDTH = 4.2

export class Arcs {
  readonly #canvas: HTMLCanvasElement
  readonly #project: (position: PositionAnswer) => Point
  readonly #calm = calmScheme()
  #arcs: readonly Arc[] = []
  #curves: readonly Curve[] = []
  #colour = ''
  #frame = 0

  constructor(canvas: HTMLCanvasElement, project: (position: PositionAnswer) => Point) {
    this.#canvas = canvas
    this.#project = project
    new ResizeObserver(() => this.place()).observe(canvas)
    this.#calm.addEventListener('change', () => this.#start())
    document.addEventListener('visibilitychange', () => this.#start())
  }

  set(arcs: readonly Arc[], colour: string): void {
    this.#arcs = arcs
    this.#colour = colour
    this.place()
  }

  /** To be called when the map moved. */
  place(): void {
    const most = Math.max(1, ...this.#arcs.map(({ route }) => route.trips))
    this.#curves = this.#arcs.map(({ route, from, to }) => {
      const share = Math.sqrt(route.trips / most)
      const width = LEAST_WIDTH + (MOST_WIDTH - LEAST_WIDTH) * share
      return curveBetween(this.#project(from), this.#project(to), width)
    })
    this.#start()
  }

  #start(): void {
    cancelAnimationFrame(this.#frame)
    this.#draw(performance.now())
  }

  #draw(now: number): void {
    const { clientWidth, clientHeight } = this.#canvas
    const ratio = devicePixelRatio
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)]
    if (this.#canvas.width !== width) this.#canvas.width = width
    if (this.#canvas.height !== height) this.#canvas.height = height
    const context = this.#canvas.getContext('2d')
    if (context === null) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, clientWidth, clientHeight)
    context.lineCap = 'round'
    this.#curves.forEach((curve, i) => {
      drawCurve(context, curve, this.#colour)
      if (!this.#calm.matches) {
        const part = (now / TRAVEL_MILLIS + i * 0.37) % 1
        drawTraveller(context, curve, part, this.#colour)
      }
    })
    if (this.#curves.length === 0 || this.#calm.matches || document.hidden) return
    this.#frame = requestAnimationFrame((next) => this.#draw(next))
  }
}

/** Bent to the left of its direction, so that there and back are two arcs. */
function curveBetween(start: Point, end: Point, width: number): Curve {
  const [dx, dy] = [end.x - start.x, end.y - start.y]
  const length = Math.hypot(dx, dy)
  if (length < 1) {
    // Within one district: a loop above it.
    const reach = 26
    return {
      start: { x: start.x - 5, y: start.y },
      middle: { x: start.x, y: start.y - reach * 2 },
      end: { x: end.x + 5, y: end.y - 2 },
      width,
    }
  }
  const middle = {
    x: (start.x + end.x) / 2 + dy * BEND,
    y: (start.y + end.y) / 2 - dx * BEND,
  }
  return { start, middle, end, width }
}

function drawCurve(context: CanvasRenderingContext2D, curve: Curve, colour: string): void {
  const { start, middle, end, width } = curve
  const gradient = context.createLinearGradient(start.x, start.y, end.x + 0.01, end.y)
  gradient.addColorStop(0, `${colour}30`)
  gradient.addColorStop(0.65, `${colour}c0`)
  gradient.addColorStop(1, colour)
  context.strokeStyle = gradient
  context.lineWidth = width
  context.beginPath()
  context.moveTo(start.x, start.y)
  context.quadraticCurveTo(middle.x, middle.y, end.x, end.y)
  context.stroke()
  const angle = Math.atan2(end.y - middle.y, end.x - middle.x)
  const size = 4 + width * 1.6
  context.fillStyle = colour
  context.beginPath()
  context.moveTo(end.x, end.y)
  for (const side of [-0.45, 0.45]) {
    context.lineTo(end.x - size * Math.cos(angle + side), end.y - size * Math.sin(angle + side))
  }
  context.fill()
}

function drawTraveller(
  context: CanvasRenderingContext2D,
  curve: Curve,
  part: number,
  colour: string,
): void {
  const { x, y } = pointAt(curve, part)
  context.fillStyle = colour
  context.beginPath()
  context.arc(x, y, curve.width / 2 + 2, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = '#ffffffd0'
  context.beginPath()
  context.arc(x, y, curve.width / 4 + 1, 0, Math.PI * 2)
  context.fill()
}

function pointAt({ start, middle, end }: Curve, t: number): Point {
  const u = 1 - t
  return {
    x: u * u * start.x + 2 * u * t * middle.x + t * t * end.x,
    y: u * u * start.y + 2 * u * t * middle.y + t * t * end.y,
  }
}
