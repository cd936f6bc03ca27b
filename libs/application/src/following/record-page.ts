import { shown } from '../printable.js';
import { isUtf8 } from 'node:buffer';
import { appendByteLimit, type StoredEvent } from '@penalty-ledger/event-store';
import {
  counted,
  checkOf,
  closed,
  described,
  Sha256Schema,
  UtcInstantSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { SourceRefusedError } from './source-errors.js';

const PositionSchema = Type.String({
  pattern: '^(?:0|[1-9][0-9]{0,14})$',
  description: 'a position: the number of events up to it',
});

/** The first line of a page of records. */
export type RecordPageHead = Shape<typeof RecordPageHeadSchema>;
export const RecordPageHeadSchema = closed(
  {
    ledgerId: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
    after: PositionSchema,
    leafHash: Type.Optional(
      described(Sha256Schema, 'the leaf hash of the event at `after`; left out when that is 0'),
    ),
    count: Type.Integer({ minimum: 0, description: 'events in this page' }),
    head: described(PositionSchema, 'the position of the last event of all'),
    signed: Type.Integer({ minimum: 0, description: 'events in the latest checkpoint' }),
    now: described(UtcInstantSchema, 'the time of the service'),
    term: Type.Integer({ minimum: 1, description: 'the term of the writer' }),
    lease: Type.String({
      pattern: '^[A-Za-z0-9.-]{1,64}$',
      description: 'to be given back with the next request',
    }),
    followedSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'the writer acknowledges nothing when it was not followed for so long',
      }),
    ),
  },
  { $id: 'RecordPageHead' },
);

/** Events in the order of the ledger, each as the bytes that are hashed. */
export interface RecordPage {
  readonly head: RecordPageHead;
  readonly bodies: readonly string[];
}

/** The limit of events in a page. */
export const maxPageRecords = 4_000;

/** The limit of a page's events in bytes, unless it has a single event. */
export const maxPageBytes = 4 << 20;

/** The limit of a whole page as it is read: its events, line feeds and first line. */
export const maxPageAnswerBytes = maxPageBytes + appendByteLimit + maxPageRecords + 4_096;

const checkHead = checkOf(RecordPageHeadSchema, 'page');

/** Writes a page: a line of JSON, and a line of canonical JSON for each event. */
export function writeRecordPage(
  head: Omit<RecordPageHead, 'count'>,
  events: readonly Pick<StoredEvent, 'body'>[],
): string {
  const lines = [JSON.stringify({ ...head, count: events.length })];
  for (const { body } of events) lines.push(body);
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a page. Its events are not checked yet.
 *
 * @throws SourceRefusedError when it has another form, or not the events it announces
 */
export function readRecordPage(bytes: Uint8Array): RecordPage {
  if (!isUtf8(bytes))
    throw new SourceRefusedError({ en: 'a page is not UTF-8', zh: '有一页不是 UTF-8' });
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  if (lines.pop() !== '')
    throw new SourceRefusedError({
      en: 'a page does not end with a line feed',
      zh: '有一页末尾没有换行符',
    });
  const [first = '', ...bodies] = lines;
  const head = headIn(first);
  if (head.count !== bodies.length)
    throw new SourceRefusedError({
      en:
        `a page announces ${counted(head.count, 'event')} ` +
        `and has ${counted(bodies.length, 'line')}`,
      zh: `有一页声明 ${head.count} 个事件，实有 ${bodies.length} 行`,
    });
  return { head, bodies };
}

function headIn(line: string): RecordPageHead {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SourceRefusedError({
      en: `a page begins with ${shown(line)} instead of JSON`,
      zh: `有一页以 ${shown(line)} 开头，而非 JSON`,
    });
  }
  const [problem] = checkHead(value);
  if (problem !== undefined)
    throw new SourceRefusedError({
      en: `the first line of a page: ${problem.en}`,
      zh: `有一页的首行：${problem.zh}`,
    });
  return value as RecordPageHead;
}
