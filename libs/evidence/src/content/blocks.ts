import { statementWords } from '../statement-words.js';

/**
 * The statement as blocks, from which the page and the PDF are both drawn: so they say the same.
 * The modules of this folder import nothing that a browser has not; the page has them as they are.
 */
export type Block =
  | { readonly kind: 'title' | 'item'; readonly text: Line }
  /** `keep`: so many points of what follows it stay with it on one page. */
  | { readonly kind: 'heading'; readonly text: Line; readonly keep?: number }
  /** `isPart`: it belongs to the item before it. */
  | { readonly kind: 'line'; readonly text: Line; readonly isPart?: true }
  /** A text as it was recorded. */
  | { readonly kind: 'quote'; readonly text: string; readonly isPart?: true }
  | { readonly kind: 'verbatim'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Line[])[];
    }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'drawing'; readonly drawing: Drawing };

/** Colours by their meaning. */
export type Hue = 'ink' | 'soft' | 'line' | 'points' | 'then' | 'good';

/** A piece of text in one colour. */
export interface Span {
  readonly text: string;
  readonly tone?: Hue;
  readonly heavy?: boolean;
}

export type Line = readonly Span[];

/** A column of a table, with its share of the width. */
export interface Column {
  readonly head: Line;
  readonly share: number;
  readonly align?: 'right';
}

/** A balance in large. */
export interface Figure {
  readonly title: Line;
  /** Left out when there is none. */
  readonly points?: string;
  readonly beside: Line;
  readonly below: readonly Line[];
}

/** A place in a drawing, in points from its left and its top. */
export type Place = readonly [x: number, y: number];

/** A drawing over the width of a page. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly shapes: readonly Shape[];
}

export type Shape =
  | {
      readonly kind: 'path';
      readonly places: readonly Place[];
      readonly tone: Hue;
      readonly width: number;
      /** The length of its dashes and gaps; 0 for none. */
      readonly dash: number;
    }
  | { readonly kind: 'area'; readonly places: readonly Place[]; readonly tone: Hue }
  | { readonly kind: 'dot'; readonly place: Place; readonly size: number; readonly tone: Hue }
  | {
      readonly kind: 'label';
      readonly place: Place;
      readonly text: string;
      readonly tone: Hue;
      readonly align: 'left' | 'right';
    };

/** Writes instants in the ledger's zone. */
export interface Clock {
  /** Day and time. */
  readonly instant: (instant: string) => string;
  readonly day: (instant: string) => string;
  /** 1 January 00:00, in milliseconds. */
  readonly startOfYear: (year: number) => number;
}

/** A text in Chinese, and softer in English. */
export function pair(zh: string, en: string): Line {
  return [{ text: zh }, { text: ` ${en}`, tone: 'soft' }];
}

const known: Partial<Readonly<Record<string, readonly [zh: string, en: string]>>> = statementWords;

/** A word of the ledger in both languages; one that has no translation as it is. */
export function term(name: string): Line {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  return found === undefined ? plain(name) : pair(...found);
}

export function plain(text: string): Line {
  return [{ text }];
}

export function soft(text: string): Line {
  return [{ text, tone: 'soft' }];
}

/** Several lines in one, with a separator between them; empty ones are left out. */
export function inOne(parts: readonly Line[], separator = ' · '): Line {
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, at) => (at === 0 ? part : [...soft(separator), ...part]));
}

/** `针对 against d1`: what it is, and its value. */
export function named(zh: string, en: string, value: string): Line {
  return [...pair(zh, en), { text: ` ${value}` }];
}

export function lineOf(text: Line): Block {
  return { kind: 'line', text };
}

/** A line that belongs to the item before it. */
export function partOf(text: Line): Block {
  return { kind: 'line', text, isPart: true };
}

export function headingOf(text: Line): Block {
  return { kind: 'heading', text };
}
