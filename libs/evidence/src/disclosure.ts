import { openText, shape } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import type { PackEvent } from './pack-events.js';
import { readPackJson } from './pack-json.js';
import type { PackSource } from './pack-source.js';
import type { Withheld } from './redaction.js';

const { isHash, listOf, matching, objectOf } = shape;

/** A sealed text that a pack discloses (`docs/spec/evidence-pack.md`, "`disclosed.json`"). */
export interface Disclosed {
  /** The event's id. */
  readonly id: string;
  /** The text's own key, in hexadecimal: it opens this text and no other. */
  readonly key: string;
  /** The place of the text in the event, as a JSON Pointer. */
  readonly text: string;
  /** The text in clear. */
  readonly value: string;
}

/** Returns the texts of events whose keys the source gives, in order. */
export function disclosedFrom(
  source: Pick<PackSource, 'textKeys'>,
  events: readonly PackEvent[],
  withheld: Withheld | undefined,
): readonly Disclosed[] {
  return events.flatMap(({ event: { id, personal = [] } }) => {
    const keys = withheld?.events.has(id) === true ? undefined : source.textKeys?.(id);
    return personal.flatMap((sealed) => {
      const { text } = sealed;
      const key = keys?.get(text);
      return key === undefined ? [] : [{ id, key, text, value: openText(sealed, id, key) }];
    });
  });
}

const isDisclosure = listOf(
  objectOf({
    id: matching(/^[0-9a-f-]{36}$/),
    key: isHash,
    text: matching(/^\/[A-Za-z0-9/]{1,70}$/),
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
  let [lastPlace, lastText] = [-1, ''];
  for (const { id, key, text, value } of disclosed) {
    const place = places.get(id) ?? -1;
    const sealed = events[place]?.event.personal?.find((each) => each.text === text);
    if (sealed === undefined || place < lastPlace || (place === lastPlace && text <= lastText))
      throw new PackError('disclosure_event', `${id} has no sealed text ${text}, or out of order`);
    if (openedText(sealed, id, key) !== value)
      throw new PackError(
        'disclosure_text',
        `the text ${text} of event ${id} is not what was sealed`,
      );
    if (withheld?.events.has(id) === true)
      throw new PackError('redaction', `the text ${text} of event ${id} concerns a complainant`);
    [lastPlace, lastText] = [place, text];
  }
  return disclosed;
}

function openedText(...[sealed, id, key]: Parameters<typeof openText>): string | undefined {
  try {
    return openText(sealed, id, key);
  } catch {
    return undefined;
  }
}
