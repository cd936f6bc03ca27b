import { canonicalJson } from '../canonical-json.js';
import type { InBoth } from '../in-both.js';
import { isObject } from '../shape.js';

/** The members of an event, besides its data, that a decision sets. */
const decidedMembers = [
  'occurredAt',
  'effectiveAt',
  'decidedAt',
  'notifiedAt',
  'rulebook',
] as const;

type Decided = { readonly type: string; readonly data: object } & Partial<
  Readonly<Record<(typeof decidedMembers)[number], unknown>>
>;

/**
 * Returns how a recorded decision comes out differently now. Of its findings the words are not
 * compared: a later version of the program may mend them.
 */
export function differenceOf(recorded: Decided, again: Decided): InBoth | undefined {
  if (recorded.type !== again.type)
    return {
      en: `${recorded.type} was recorded, and ${again.type} follows from the events before it`,
      zh: `记录的是 ${recorded.type}，而由此前的事件应得出 ${again.type}`,
    };
  const [was, is] = [valuesOf(recorded), valuesOf(again)];
  const place = [...was.keys(), ...is.keys()].find((name) => was.get(name) !== is.get(name));
  if (place === undefined) return undefined;
  const [before = 'none', after = 'none'] = [was.get(place), is.get(place)];
  return {
    en: `${recorded.type}: its ${place} is ${before}, and comes out as ${after}`,
    zh: `${recorded.type}：其 ${place} 为 ${before}，而重新判定得出 ${after}`,
  };
}

/** The values that a decision sets, by place: `data.points`, `effectiveAt`. */
function valuesOf(decided: Decided): ReadonlyMap<string, string> {
  const data = Object.entries(decided.data).map(
    ([name, value]) =>
      [`data.${name}`, name === 'findings' ? withoutWords(value) : (value as unknown)] as const,
  );
  const others = decidedMembers.map((name) => [name, decided[name]] as const);
  const given = [...data, ...others].filter(([, value]) => value !== undefined);
  return new Map(given.map(([place, value]) => [place, textOf(value)]));
}

/** Findings by code and severity, without their words. */
function withoutWords(findings: unknown): unknown {
  if (!Array.isArray(findings)) return findings;
  return (findings as readonly unknown[]).map((each) => {
    if (!isObject(each)) return each;
    const { detail: _words, ...named } = each;
    return named;
  });
}

/** Returns a value as messages show it. */
export function textOf(value: unknown): string {
  return value === undefined ? 'none' : canonicalJson(value);
}
