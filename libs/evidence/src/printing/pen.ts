import { tones, type TextLine, type Tone } from './text-lines.js';

/** A place on the page, in points from its left and its top. */
export type Point = readonly [x: number, y: number];

/**
 * Writes a page's content: PDF operators (ISO 32000-1, 8.5 and 9.4) in coordinates that run down
 * from the top.
 */
export class Pen {
  readonly #fontName: string;
  readonly #ascent: number;
  #content: string[] = [];

  /**
   * @param fontName what pages name the font by
   * @param ascent how far its letters reach up, at size 1
   */
  constructor(fontName: string, ascent: number) {
    this.#fontName = fontName;
    this.#ascent = ascent;
  }

  /** Returns the content written since the last call. */
  take(): Uint8Array {
    const content = Buffer.from(this.#content.map((each) => `${each}\n`).join(''), 'latin1');
    this.#content = [];
    return content;
  }

  /** An operator as it is. */
  raw(operator: string): void {
    this.#content.push(operator);
  }

  /** A line of text; `y` is its top. */
  text({ runs }: TextLine, x: number, y: number, size: number): void {
    if (runs.length === 0) return;
    const operators = [
      `BT /${this.#fontName} ${rounded(size)} Tf ` +
        `1 0 0 -1 ${rounded(x)} ${rounded(y + this.#ascent * size)} Tm`,
    ];
    let isHeavy = false;
    for (const { codes, tone, heavy } of runs) {
      // One weight of the font is enough: heavier letters are the same with their outline drawn.
      if (heavy) operators.push(`2 Tr ${rounded(size * 0.035)} w ${colour(tone)} RG`);
      else if (isHeavy) operators.push('0 Tr');
      isHeavy = heavy;
      operators.push(`${colour(tone)} rg <${codes}> Tj`);
    }
    this.#content.push(`${operators.join(' ')}${isHeavy ? ' 0 Tr' : ''} ET`);
  }

  box(x: number, y: number, width: number, height: number, tone: Tone): void {
    this.#content.push(`${colour(tone)} rg ${[x, y, width, height].map(rounded).join(' ')} re f`);
  }

  frame(x: number, y: number, width: number, height: number, tone: Tone): void {
    this.#content.push(
      `0.8 w ${colour(tone)} RG ${[x, y, width, height].map(rounded).join(' ')} re S`,
    );
  }

  /** A line through points; `dash` is the length of its dashes and gaps. */
  path(points: readonly Point[], tone: Tone, width: number, dash = 0): void {
    const [dashed, solid] = dash === 0 ? ['', ''] : [`[${dash}] 0 d `, ' [] 0 d'];
    this.#content.push(
      `${dashed}${rounded(width)} w ${colour(tone)} RG ${segmentsOf(points)} S${solid}`,
    );
  }

  /** A filled shape between points. */
  shape(points: readonly Point[], tone: Tone): void {
    this.#content.push(`${colour(tone)} rg ${segmentsOf(points)} f`);
  }

  /** A filled circle: a dot of no length with a round cap. */
  dot(x: number, y: number, diameter: number, tone: Tone): void {
    this.#content.push(
      `1 J ${rounded(diameter)} w ${colour(tone)} RG ` +
        `${rounded(x)} ${rounded(y)} m ${rounded(x)} ${rounded(y)} l S 0 J`,
    );
  }
}

/** The operators that draw straight segments from point to point. */
function segmentsOf(points: readonly Point[]): string {
  return points
    .map((point, at) => `${point.map(rounded).join(' ')} ${at === 0 ? 'm' : 'l'}`)
    .join(' ');
}

/** Hundredths of a point are finer than any printer. */
function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function colour(tone: Tone): string {
  return colours[tone];
}

const colours = Object.fromEntries(
  Object.entries(tones).map(([tone, hex]) => [
    tone,
    [1, 3, 5].map((at) => rounded(Number.parseInt(hex.slice(at, at + 2), 16) / 255)).join(' '),
  ]),
) as Readonly<Record<Tone, string>>;
