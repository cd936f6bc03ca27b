import { checkEventReceipt } from '@penalty-ledger/evidence';
import { canonicalJson, type UncheckedEvent } from '@penalty-ledger/ledger';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import { said } from '../terminal/language.js';
import { inLedgerZone } from '../terminal/ledger-zone.js';
import { count, figure, listed } from '../terminal/words.js';
import { checkpointFields } from './checkpoint.js';
import type { SignedFacts, Verdict } from './verdict.js';

/**
 * Checks a receipt, and reads the event out of the bytes that the ledger signed for.
 *
 * @throws VerificationError
 */
export function verifyReceipt(bytes: Uint8Array, keys: readonly VerifierKey[]): SignedFacts {
  const { event, leafHash, index, checkpoint } = checkEventReceipt(bytes, keys);
  const found: SignedFacts['found'] = [
    ...eventFields(event),
    [said('leaf hash', '叶哈希'), leafHash],
    [
      said('index', '序号'),
      said(
        `${index} (from 0) of ${checkpoint.size}`,
        `第 ${index} 个（从 0 起），共 ${checkpoint.size} 个`,
      ),
    ],
    ...checkpointFields(checkpoint),
  ];
  return { origin: checkpoint.origin, found };
}

function eventFields(event: UncheckedEvent): Verdict['found'] {
  const { actor, data, id, personal = [], recordedAt, revision, stream, type } = event;
  const { effectiveAt, notifiedAt, occurredAt, rulebook } = event;
  const instants = [
    [said('recorded', '记录时间'), recordedAt],
    [said('occurred', '发生时间'), occurredAt],
    [said('effective', '生效时间'), effectiveAt],
    [said('notified', '送达时间'), notifiedAt],
  ] as const;
  return [
    [said('event', '事件'), type],
    [
      said('stream', '事件流'),
      said(`${stream}, revision ${revision}`, `${stream}，流内序号 ${revision}`),
    ],
    [said('id', '编号'), id],
    ...instants.flatMap(([label, at]) =>
      at === undefined ? [] : [[label, inLedgerZone(at)] as const],
    ),
    [said('recorded by', '记录人'), actor],
    [said('says', '内容'), listed(Object.entries(data).map(memberText))],
    ...(rulebook === undefined
      ? []
      : ([
          [
            said('rulebook', '规则'),
            `${rulebook.id} ${rulebook.rulebookVersion}, sha256 ${rulebook.sha256}`,
          ],
        ] as const)),
    ...(personal.length === 0
      ? []
      : ([
          [
            said('sealed', '封存'),
            said(
              `${count(personal.length, 'text')}: ${listed(personal.map(({ text }) => text))}`,
              `${figure(personal.length)} 段文字：${listed(personal.map(({ text }) => text))}`,
            ),
          ],
        ] as const)),
  ];
}

/** The longest value that is printed whole; a rulebook's document is a hundred times as long. */
const maxValueLength = 200;

function memberText([name, value]: readonly [string, unknown]): string {
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return `${name}: ${text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text}`;
}
