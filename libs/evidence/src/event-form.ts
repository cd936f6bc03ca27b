import { clockActor, type LedgerEvent } from '@penalty-ledger/ledger';
import {
  base64,
  exactly,
  integerFrom,
  isHash,
  isId,
  isInstant,
  isObject,
  isStream,
  matching,
  objectOf,
} from './shape.js';

const isBox = objectOf({
  box: base64((bytes) => bytes >= 18),
  nonce: base64((bytes) => bytes === 12),
  subject: isStream,
});

const isTypeName = matching(/^[A-Z][A-Za-z0-9]{0,63}$/);

const envelope = objectOf({
  actor: (value) => isId(value) || value === clockActor,
  causation: objectOf({
    command: isTypeName,
    commandId: matching(/^[A-Za-z0-9._:@/-]{1,200}$/),
    fingerprint: isHash,
  }),
  data: isObject,
  'decidedAt?': isInstant,
  'effectiveAt?': isInstant,
  format: exactly(1),
  id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  'notifiedAt?': isInstant,
  'occurredAt?': isInstant,
  'personal?': isBoxes,
  previous: isHash,
  recordedAt: isInstant,
  revision: integerFrom(0),
  'rulebook?': objectOf({ id: isId, rulebookVersion: isId, sha256: isHash }),
  schemaVersion: integerFrom(1),
  stream: isStream,
  type: isTypeName,
});

/** Whether a value has the envelope of format 1: these members and no other, each of its form (`docs/spec/event.md`, "Verification", step 3). */
export function isEvent(value: unknown): value is LedgerEvent {
  return envelope(value);
}

/** One box or more, in order of their subjects, each once. */
function isBoxes(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isBox)) return false;
  const boxes = value as readonly { readonly subject: string }[];
  return boxes.every(({ subject }, at) => at === 0 || subject > (boxes[at - 1]?.subject ?? ''));
}
