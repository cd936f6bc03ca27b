import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { Instant } from './instant.js';
import type { PersonalData, SealedPersonalData } from './personal-data.js';
import { closed, IdSchema, Sha256Schema, type Shape } from './schema.js';

/** Names one rulebook document for good: its id, its version and the SHA-256 of its canonical JSON (rules §10). */
export type RulebookReference = Shape<typeof RulebookReferenceSchema>;
export const RulebookReferenceSchema = closed(
  { id: IdSchema, rulebookVersion: IdSchema, sha256: Sha256Schema },
  { $id: 'RulebookReference', description: 'names one rulebook document for good' },
);

/** Which command an event came from. */
export interface Causation {
  /** The command's name, or `ClockPassed` for what fell due by itself. */
  readonly command: string;
  /** The sender's id for the command, or the one derived from it (`docs/spec/event.md`, "Actor and causation"). */
  readonly commandId: string;
  /** A digest of the command's data as sent; a repetition is recognised by it. */
  readonly fingerprint: string;
}

/** The times a domain event may carry besides `recordedAt`; none stands in for another (rules §3). */
export interface DomainTimes {
  /** When it happened: the violation. */
  readonly occurredAt?: Instant;
  /** When the platform decided it. */
  readonly decidedAt?: Instant;
  /** When the notice was served; appeal clocks run from it. */
  readonly notifiedAt?: Instant;
  /** From when it counts. */
  readonly effectiveAt?: Instant;
}

/**
 * An event in format v1 (`docs/spec/event.md`), as it is written in canonical JSON. Nothing in it depends on the store: no
 * position, no engine.
 */
export interface EventEnvelope<Type extends string = string, Data = unknown> extends DomainTimes {
  /** Who sent the command, or {@link clockActor}. */
  readonly actor: string;
  readonly causation: Causation;
  readonly data: Data;
  /** The version of this envelope. */
  readonly format: 1;
  /** A UUID version 5, the same whenever the same command is handled again by the same ledger. */
  readonly id: string;
  /** What must be erasable, sealed with its subjects' keys: one box for each, in order of their names. */
  readonly personal?: readonly SealedPersonalData[];
  /** The leaf hash of the stream's event before this one, or {@link noPreviousEvent}. */
  readonly previous: string;
  /** When the ledger appended it; never decreasing over the whole ledger. */
  readonly recordedAt: Instant;
  /** 0, 1, 2, … without a gap in each stream. */
  readonly revision: number;
  readonly rulebook?: RulebookReference;
  /** The version of `data` under this type. */
  readonly schemaVersion: number;
  readonly stream: string;
  readonly type: Type;
}

/** What an event of one of the types of `Data` says in clear, decided or recorded: a fold takes it. */
export type EventFacts<Data> = {
  [Type in keyof Data]: DomainTimes & {
    readonly type: Type;
    readonly data: Data[Type];
    readonly rulebook?: RulebookReference;
  };
}[keyof Data];

/** An event of one of the types of `Data`, without what the ledger adds when it records it. */
export type DecidedEvent<Data> = EventFacts<Data> & { readonly personal?: PersonalData };

/** What a store keeps of an event: the canonical text, its hash, and where it belongs. */
export interface EventRecord {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  /** Canonical JSON (RFC 8785) of the {@link EventEnvelope}. Stored bytes = hashed bytes: this text in UTF-8. */
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
 * The UUID version 5 (RFC 9562 §5.5) of a name in the ledger's own namespace. Written here because the event id is part of
 * the format, and it runs on every event.
 */
export function uuidOf(name: string): string {
  const length = namespace.length + Buffer.byteLength(name);
  const bytes =
    length <= named.length ? named.subarray(0, length) : Buffer.concat([namespace], length);
  bytes.write(name, namespace.length);
  const hex = hash('sha1', bytes, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A random UUID drawn once for this format; fixed for ever. */
const namespace = Buffer.from('7b0d5f0c9a0e4c62a5f2d1b6e8c34f19', 'hex');

/** The namespace, and room for the name behind it. */
const named = Buffer.concat([namespace], 1024);
