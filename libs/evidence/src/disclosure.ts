import { openText, shape } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import type { PackEvent } from './pack-events.js';
import { readPackJson } from './pack-json.js';
import type { PackSource } from './pack-source.js';
import type { Withheld } from './redaction.js';

const { integerFrom, isHash, isInstant, isStream, listOf, matching, objectOf } = shape;

/** A sealed text that a pack discloses (`docs/spec/evidence-pack.md`, "`disclosed.json`"). */
export interface Disclosed {
  /** The event's id. */
  readonly id: string;
  /** The text's own key, in hexadecimal: it opens this text and no other. */
  readonly key: string;
  /** The event's, as is `stream` and `type`: so the statement says whose text it is. */
  readonly recordedAt: string;
  readonly revision: number;
  readonly stream: string;
  /** The place of the text in the event, as a JSON Pointer. */
  readonly text: string;
  readonly type: string;
  /** The text in clear. */
  readonly value: string;
}

/** Returns the texts of events whose keys the source gives, in order. */
export function disclosedFrom(
  source: Pick<PackSource, 'textKeys'>,
  events: readonly PackEvent[],
  withheld: Withheld | undefined,
): readonly Disclosed[] {
  return events.flatMap(({ event }) => {
    const { id, personal = [], recordedAt, revision, stream, type } = event;
    const keys = withheld?.events.has(id) === true ? undefined : source.textKeys?.(id);
    return personal.flatMap((sealed) => {
      const { text } = sealed;
      const key = keys?.get(text);
      if (key === undefined) return [];
      const value = openText(sealed, id, key);
      return [{ id, key, recordedAt, revision, stream, text, type, value }];
    });
  });
}

const isDisclosure = listOf(
  objectOf({
    id: matching(/^[0-9a-f-]{36}$/),
    key: isHash,
    recordedAt: isInstant,
    revision: integerFrom(0),
    stream: isStream,
    text: matching(/^\/[A-Za-z0-9/]{1,70}$/),
    type: (value) => typeof value === 'string',
    value: (value) => typeof value === 'string',
  }),
);

/**
 * Reads and checks `disclosed.json`: each text is what its key opens in the event, and may be
 * disclosed.
 *
 * @throws PackError `disclosure_bytes`, `disclosure_form`, `disclosure_event`, `disclosure_text`,
 * `redaction`
 */
export function checkDisclosure(
  bytes: Uint8Array,
  events: readonly PackEvent[],
  withheld: Withheld | undefined,
): readonly Disclosed[] {
  const disclosed = readPackJson(bytes, 'disclosure', isDisclosure) as readonly Disclosed[];
  const places = new Map(events.map(({ event }, place) => [event.id, place]));
  // An event may have as many texts as a pack has values.
  const boxes = new Map(
    events.flatMap(({ event: { id, personal = [] } }) =>
      personal.map((sealed) => [`${id} ${sealed.text}`, sealed] as const),
    ),
  );
  let [lastPlace, lastText] = [-1, ''];
  for (const { id, key, text, value, ...named } of disclosed) {
    const place = places.get(id) ?? -1;
    const event = events[place]?.event;
    const sealed = boxes.get(`${id} ${text}`);
    if (sealed === undefined || place < lastPlace || (place === lastPlace && text <= lastText))
      throw new PackError('disclosure_event', {
        en: `${id} has no sealed text ${text}, or out of order`,
        zh: `${id} 没有封存的文字 ${text}，或次序有误`,
      });
    if (event === undefined || !isOfEvent(named, event))
      throw new PackError('disclosure_event', {
        en: `${id} is not the event that its text names`,
        zh: `${id} 不是其文字所指的事件`,
      });
    if (openedText(sealed, id, key) !== value)
      throw new PackError('disclosure_text', {
        en: `the text ${text} of event ${id} is not what was sealed`,
        zh: `事件 ${id} 的文字 ${text} 与封存的内容不符`,
      });
    if (withheld?.events.has(id) === true)
      throw new PackError('redaction', {
        en: `the text ${text} of event ${id} concerns a complainant`,
        zh: `事件 ${id} 的文字 ${text} 涉及投诉人`,
      });
    [lastPlace, lastText] = [place, text];
  }
  return disclosed;
}

type Reference = Pick<Disclosed, 'recordedAt' | 'revision' | 'stream' | 'type'>;

function isOfEvent(named: Reference, event: Reference): boolean {
  return (
    named.recordedAt === event.recordedAt &&
    named.revision === event.revision &&
    named.stream === event.stream &&
    named.type === event.type
  );
}

function openedText(...[sealed, id, key]: Parameters<typeof openText>): string | undefined {
  try {
    return openText(sealed, id, key);
  } catch {
    return undefined;
  }
}
