import { canonicalJson, type PersonalData, shape } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import type { PackEvent } from './pack-events.js';
import { readPackJson } from './pack-json.js';
import type { Withheld } from './redaction.js';

const { isObject, listOf, matching, objectOf } = shape;

/**
 * The plaintext of an event's one box, according to the issuer (`docs/spec/evidence-pack.md`,
 * "`disclosed.json`").
 */
export interface Disclosed {
  /** The event's id. */
  readonly id: string;
  readonly personal: PersonalData;
}

/** Bytes of an AES-GCM tag. */
const tagLength = 16;

const isDisclosure = listOf(objectOf({ id: matching(/^[0-9a-f-]{36}$/), personal: isObject }));

/**
 * Reads and checks `disclosed.json`: each text belongs to an event, is as long as the sealed text,
 * and may be disclosed.
 *
 * @throws PackError `disclosure_bytes`, `disclosure_form`, `disclosure_event`, `disclosure_length`,
 * `redaction`
 */
export function checkDisclosure(
  bytes: Uint8Array,
  events: readonly PackEvent[],
  withheld: Withheld | undefined,
): readonly Disclosed[] {
  const disclosed = readPackJson(bytes, 'disclosure', isDisclosure) as readonly Disclosed[];
  let at = -1;
  for (const { id, personal } of disclosed) {
    at = events.findIndex(({ event }, place) => place > at && event.id === id);
    const [box, ...others] = events[at]?.event.personal ?? [];
    if (box === undefined || others.length > 0)
      throw new PackError(
        'disclosure_event',
        `${id} is not an event with one box, or out of order`,
      );
    if (
      Buffer.byteLength(canonicalJson(personal)) + tagLength !==
      Buffer.from(box.box, 'base64').length
    )
      throw new PackError(
        'disclosure_length',
        `the text of event ${id} is not as long as what was sealed`,
      );
    if (withheld?.events.has(id) === true)
      throw new PackError('redaction', `the text of event ${id} concerns a complainant`);
  }
  return disclosed;
}
