import type { LedgerZone, Instant } from '@penalty-ledger/ledger';
import { statementWords } from '../statement-words.js';
import type { ShownType } from '../timeline.js';
import type { Span } from './text-lines.js';

/** A text in Chinese, and softer in English. */
export function both(zh: string, en: string): Span[] {
  return [{ text: zh }, { text: ` ${en}`, tone: 'soft' }];
}

type Words<Name extends string> = Readonly<Record<Name, readonly [zh: string, en: string]>>;

/** By name; each event type of the timeline has its words. */
const known: Partial<Words<string>> & Words<ShownType> = statementWords;

/** A word of the ledger in both languages; one that has no translation as it is. */
export function word(name: string): Span[] {
  const pair = known[name];
  return pair === undefined ? [{ text: name }] : both(...pair);
}

/** Several, with a separator between them. */
export function joined(parts: readonly (string | readonly Span[])[], separator = ' · '): Span[] {
  return parts.flatMap((part, at) => [
    ...(at === 0 ? [] : [{ text: separator, tone: 'soft' as const }]),
    ...(typeof part === 'string' ? [{ text: part }] : part),
  ]);
}

/** `2019-04-01 10:00:00` in a zone, on one line. */
export function localTime(instant: string, zone: LedgerZone): string {
  return zone
    .format(instant as Instant)
    .slice(0, 19)
    .replace('T', '\u00a0');
}
