import type { Deadline, FedEvent, FindingEntry } from '@penalty-ledger/application';
import type { Causation, LedgerEvent, SealedPersonalData } from '@penalty-ledger/ledger';
import type { SchemaObject } from '../schemas.js';
import { findingCode, severity, standing } from './standing.js';
import {
  closed,
  constant,
  digest,
  id,
  instant,
  listOf,
  orNull,
  page,
  ref,
  text,
  whole,
  words,
} from './words.js';

const times = {
  occurredAt: instant,
  decidedAt: instant,
  notifiedAt: instant,
  effectiveAt: instant,
};
const timeNames = ['occurredAt', 'decidedAt', 'notifiedAt', 'effectiveAt'] as const;

/** What an event says, by its type: docs/spec/event.md. */
const data: SchemaObject = { type: 'object', additionalProperties: true };

const recorded = {
  id: { type: 'string', format: 'uuid' },
  type: text,
  stream: text,
  revision: whole,
  actor: text,
  recordedAt: instant,
  ...times,
  rulebook: ref('RulebookReference'),
  data,
} as const satisfies Partial<Record<keyof LedgerEvent, object>>;

/** Answers that tell what was recorded, what it led to, and what proves it. */
export const recordAnswers: Readonly<Record<string, SchemaObject>> = {
  Agency: closed({
    agencyId: id,
    name: orNull(text),
    revision: orNull(whole),
    standing,
    period: text,
    balance: whole,
    threshold: whole,
  }),
  Timeline: closed({
    agencyId: id,
    effectiveAt: instant,
    knownAt: instant,
    balance: orNull(whole),
    acts: listOf(ref('Act')),
  }),
  Act: closed<Pick<LedgerEvent, keyof typeof recorded>>(recorded, ...timeNames, 'rulebook'),
  LedgerEvent: closed<LedgerEvent>(
    {
      ...recorded,
      causation: closed<Causation>({ command: text, commandId: text, fingerprint: text }),
      format: constant(1),
      personal: listOf(closed<SealedPersonalData>({ box: text, nonce: text, subject: text })),
      previous: digest,
      schemaVersion: whole,
    },
    ...timeNames,
    'rulebook',
    'personal',
  ),
  FedEvent: closed<FedEvent>({ position: text, leafHash: digest, event: ref('LedgerEvent') }),
  EventPage: page(ref('FedEvent')),
  Finding: closed<FindingEntry>({
    stream: text,
    revision: whole,
    place: whole,
    code: findingCode,
    severity,
    detail: text,
    recordedAt: instant,
  }),
  FindingPage: page(ref('Finding')),
  Deadline: closed<Deadline>({
    uid: text,
    kind: words<Deadline['kind']>({
      appeal_deduction: true,
      appeal_expulsion: true,
      submit_evidence: true,
      last_chance: true,
      reentry: true,
    }),
    agencyId: id,
    subjectId: text,
    at: instant,
    knownSince: instant,
    revision: whole,
  }),
  Checkpoint: closed({ size: whole, note: text }),
  InclusionProof: closed({
    stream: text,
    revision: whole,
    leafHash: digest,
    index: whole,
    proof: listOf(text),
    checkpoint: text,
  }),
  ConsistencyProof: closed({ from: whole, to: whole, proof: listOf(text) }),
};
