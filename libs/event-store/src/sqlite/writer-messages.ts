import { sameInBoth, SpokenError, type EventRecord, type InBoth } from '@penalty-ledger/ledger';
import { assertOfStream } from '../append-request.js';
import type { CommittedGroup } from '../committed-group.js';
import { ConflictError, IntegrityError, StoreUnavailableError } from '../errors.js';
import type { Appended, ExpectedRevision } from '../event-store.js';
import type { RowKey } from './row-macs.js';

/** The settings that a writing thread starts with. */
export interface WriterThreadData {
  readonly file: string;
  readonly synchronous: 'full' | 'normal' | undefined;
}

/** A message to the writing thread: appends, or the key for the MACs of later ones. */
export type SentToWriter = readonly SentAppend[] | { readonly rowKey: RowKey };

/**
 * An append on its way to the writing thread. It is lists of texts, because copying an object for
 * each event would write its keys each time.
 */
export interface SentAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly revisions: readonly number[];
  readonly ids: readonly string[];
  readonly leafHashes: readonly string[];
  readonly bodies: readonly string[];
}

/** The answers to the appends of one message. */
export interface SentAnswers {
  readonly answers: readonly SentAnswer[];
  /**
   * The commits since the answers before these. Not one for each, because a commit takes the
   * appends of several messages.
   */
  readonly groups: readonly CommittedGroup[];
}

export type SentAnswer = Appended | { readonly failed: SentError };

type SentError =
  | ({ readonly kind: 'conflict' } & Pick<
      ConflictError,
      'stream' | 'expected' | 'found' | 'difference'
    >)
  | ({ readonly kind: 'integrity' } & Pick<IntegrityError, 'damage' | 'place'> & Reasons)
  | ({
      readonly kind: 'unavailable' | 'range' | 'other';
      readonly text: InBoth | string;
    } & Reasons);

interface Reasons {
  readonly cause: string | undefined;
  readonly hint: InBoth | undefined;
}

/** @throws RangeError when an event is of another stream, which the other side could not see */
export function sentAppendOf(
  stream: string,
  expected: ExpectedRevision,
  events: readonly EventRecord[],
): SentAppend {
  assertOfStream(stream, events);
  return {
    stream,
    expected,
    revisions: events.map(({ revision }) => revision),
    ids: events.map(({ id }) => id),
    leafHashes: events.map(({ leafHash }) => leafHash),
    bodies: events.map(({ body }) => body),
  };
}

export function eventsOf({
  stream,
  revisions,
  ids,
  leafHashes,
  bodies,
}: SentAppend): EventRecord[] {
  return revisions.map((revision, index) => ({
    stream,
    revision,
    id: ids[index] ?? '',
    body: bodies[index] ?? '',
    leafHash: leafHashes[index] ?? '',
  }));
}

/**
 * Describes an error so that it can be made again: between threads it loses its class and most of
 * its fields.
 */
export function sentErrorOf(error: unknown): SentError {
  if (error instanceof ConflictError) {
    const { stream, expected, found, difference } = error;
    return { kind: 'conflict', stream, expected, found, difference };
  }
  const { message, cause: from } = error instanceof Error ? error : new Error(String(error));
  const cause = from instanceof Error ? from.message : undefined;
  if (error instanceof IntegrityError) {
    const { damage, place, hint } = error;
    return { kind: 'integrity', damage, place, cause, hint };
  }
  const kind =
    error instanceof StoreUnavailableError
      ? 'unavailable'
      : error instanceof RangeError
        ? 'range'
        : 'other';
  return {
    kind,
    text: error instanceof SpokenError ? error.inBoth : message,
    cause,
    hint: error instanceof StoreUnavailableError ? error.hint : undefined,
  };
}

export function errorOf(sent: SentError): Error {
  switch (sent.kind) {
    case 'conflict':
      return new ConflictError(sent.stream, sent.expected, sent.found, sent.difference);
    case 'integrity':
      return new IntegrityError(sent.damage, sent.place, { cause: sent.cause, hint: sent.hint });
    case 'unavailable':
      return new StoreUnavailableError(textOf(sent), { cause: sent.cause, hint: sent.hint });
    case 'range':
      return new RangeError(textOf(sent).en);
    case 'other':
      return typeof sent.text === 'string'
        ? new Error(sent.text, { cause: sent.cause })
        : new SpokenError(sent.text, { cause: sent.cause });
  }
}

function textOf({ text }: { readonly text: InBoth | string }): InBoth {
  return typeof text === 'string' ? sameInBoth(text) : text;
}
