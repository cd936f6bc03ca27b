import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { SealedTextSchema, type PersonalData } from './personal-data.js';
import {
  closed,
  described,
  IdSchema,
  Sha256Schema,
  Type,
  UtcInstantSchema,
  UuidSchema,
  type Shape,
} from './schema.js';

/**
 * Identifies one rulebook document permanently: its id, its version and the SHA-256 of its
 * canonical JSON (rules §10).
 */
export type RulebookReference = Shape<typeof RulebookReferenceSchema>;
export const RulebookReferenceSchema = closed(
  { id: IdSchema, rulebookVersion: IdSchema, sha256: Sha256Schema },
  { $id: 'RulebookReference', description: 'names one rulebook document for good' },
);

/** The command an event came from. */
export type Causation = Shape<typeof CausationSchema>;
const CausationSchema = closed({
  command: Type.String({
    description: 'the command’s name, or `ClockPassed` for what fell due by itself',
  }),
  commandId: Type.String({
    description: 'the sender’s id for the command, or the one derived from it',
  }),
  fingerprint: Type.String({
    description: 'a digest of the command’s data as sent; a repetition is recognised by it',
  }),
});

/**
 * The times a domain event may carry besides `recordedAt`; none stands in for another (rules §3).
 */
export type DomainTimes = Shape<typeof DomainTimesSchema>;
const DomainTimesSchema = closed({
  occurredAt: Type.Optional(described(UtcInstantSchema, 'when it happened: the violation')),
  decidedAt: Type.Optional(described(UtcInstantSchema, 'when the platform decided it')),
  notifiedAt: Type.Optional(
    described(UtcInstantSchema, 'when the notice was served; appeal clocks run from it'),
  ),
  effectiveAt: Type.Optional(described(UtcInstantSchema, 'from when it counts')),
});

/**
 * An event in format v1 (`docs/spec/event.md`), as it is written in canonical JSON. Nothing in it
 * depends on the store: no position, no engine.
 */
export interface EventEnvelope<Type extends string = string, Data = unknown> extends Omit<
  Shape<typeof EventEnvelopeSchema>,
  'data' | 'type'
> {
  readonly data: Data;
  readonly type: Type;
}

export const EventEnvelopeSchema = closed(
  {
    actor: Type.String({ description: 'who sent the command, or `ledger/clock`' }),
    causation: CausationSchema,
    data: Type.Unsafe<unknown>({
      type: 'object',
      additionalProperties: true,
      description: 'what the event says, by its type: docs/spec/event.md',
    }),
    format: Type.Literal(1, { description: 'the version of this envelope' }),
    id: described(UuidSchema, 'the same whenever the same ledger handles the same command again'),
    personal: Type.Optional(
      Type.Array(SealedTextSchema, {
        description: 'what must be erasable: a box for each text, in order of their pointers',
      }),
    ),
    previous: described(
      Sha256Schema,
      'the leaf hash of the stream’s event before this one, or 64 zeros',
    ),
    recordedAt: described(UtcInstantSchema, 'when the ledger appended it; never decreasing'),
    revision: Type.Integer({ description: '0, 1, 2, … without a gap in each stream' }),
    rulebook: Type.Optional(RulebookReferenceSchema),
    schemaVersion: Type.Integer({ description: 'the version of `data` under this type' }),
    stream: Type.String(),
    type: Type.String(),
    ...DomainTimesSchema.properties,
  },
  { $id: 'LedgerEvent' },
);

/**
 * The clear data of an event of one of the types of `Data`, decided or recorded: the input of a
 * fold.
 */
export type EventFacts<Data> = {
  [Type in keyof Data]: DomainTimes & {
    readonly type: Type;
    readonly data: Data[Type];
    readonly rulebook?: RulebookReference;
  };
}[keyof Data];

/** An event of one of the types of `Data`, without what the ledger adds when it records it. */
export type DecidedEvent<Data> = EventFacts<Data> & { readonly personal?: PersonalData };

/** An event as a store keeps it: the canonical text, its hash and its place. */
export interface EventRecord {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  /**
   * Canonical JSON (RFC 8785) of the {@link EventEnvelope}. Stored bytes = hashed bytes: this text
   * in UTF-8.
   */
  readonly body: string;
  /** {@link leafHashOf} of `body`. */
  readonly leafHash: string;
}

/** The actor of what falls due by itself. A sent one cannot hold a slash. */
export const clockActor = 'ledger/clock';

/** The `previous` of a stream's first event. */
export const noPreviousEvent = '0'.repeat(64);

/** SHA-256 of 0x00 and the event's bytes, in lower-case hexadecimal: an RFC 6962 leaf hash. */
export function leafHashOf(body: string): string {
  return hash('sha256', `\0${body}`, 'hex');
}

/** Writes an event as the record a store keeps. */
export function recordOf(event: EventEnvelope): EventRecord {
  const body = canonicalJson(event);
  return {
    stream: event.stream,
    revision: event.revision,
    id: event.id,
    body,
    leafHash: leafHashOf(body),
  };
}

/**
 * The UUID version 5 (RFC 9562 §5.5) of a name in the ledger's own namespace. Written here because
 * the event id is part of the format, and it runs on every event.
 */
export function uuidOf(name: string): string {
  const length = namespace.length + Buffer.byteLength(name);
  const bytes =
    length <= named.length ? named.subarray(0, length) : Buffer.concat([namespace], length);
  bytes.write(name, namespace.length);
  const hex = hash('sha1', bytes, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return (
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-` +
    `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  );
}

/** A random UUID drawn once for this format; fixed for ever. */
const namespace = Buffer.from('7b0d5f0c9a0e4c62a5f2d1b6e8c34f19', 'hex');

/** The namespace, and room for the name behind it. */
const named = Buffer.concat([namespace], 1024);
