import { problemCodes } from '../problems/problem-document.js';
import { roles } from '@penalty-ledger/application/api-keys';
import type { SchemaObject } from './schemas.js';

const text: SchemaObject = { type: 'string' };
const whole: SchemaObject = { type: 'integer' };
const instant: SchemaObject = { type: 'string', format: 'date-time' };
const listOf = (items: object): SchemaObject => ({ type: 'array', items: items });
const objectOf = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)): SchemaObject => ({
  type: 'object',
  required: [...required],
  properties: properties,
});

const orNull = (schema: object): object => ({ oneOf: [schema, { type: 'null' }] });

const key = {
  id: text,
  label: text,
  roles: listOf({ type: 'string', enum: [...roles] }),
  createdAt: instant,
  expiresAt: instant,
};
const keyMore = { agencyId: text, revokedAt: instant, lastUsedAt: instant, rotatingUntil: instant };

const at = { effectiveAt: instant, knownAt: instant };
const standing: SchemaObject = {
  type: 'string',
  enum: ['not_admitted', 'active', 'pending_expulsion', 'expelled', 'exited'],
};
const page = (items: object): SchemaObject => objectOf({ items: listOf(items), next: text }, ['items']);
const counted = objectOf({ balance: whole, thresholdReachedAt: orNull(instant) });
const line = objectOf({ deductionId: text, points: whole, counts: whole, effectiveAt: instant, running: whole });
const truth: SchemaObject = { type: 'boolean' };

/** What every answer to `balance` has; `explain` says more of the same. */
const balance = {
  agencyId: text,
  period: text,
  ...at,
  balance: whole,
  threshold: whole,
  standing,
  pending: orNull(objectOf({ openedAt: instant, period: text, closesAt: instant })),
  expulsion: orNull(objectOf({ effectiveAt: instant, supported: truth })),
  reentryFrom: orNull(instant),
  findings: listOf({}),
  assumptions: listOf(text),
  rulebook: objectOf({ id: text, rulebookVersion: text, sha256: text }),
};

/** Answers of interchange §3: at least these fields. */
const answers: Readonly<Record<string, SchemaObject>> = {
  Balance: objectOf({
    ...balance,
    lines: listOf(line),
    notCounted: listOf(objectOf({ deductionId: text, reason: text })),
  }),
  Explain: objectOf({ agencyId: text, ...at }),
  Assessment: objectOf({
    agencyId: text,
    month: text,
    verdict: { type: 'string', enum: ['passed', 'failed', 'not_assessed', 'not_computed'] },
    base: orNull(whole),
    active: orNull(whole),
    reasons: listOf(text),
  }),
  Appeal: objectOf({
    appealId: text,
    agencyId: text,
    state: text,
    initiatedAt: instant,
    initiateBy: instant,
    evidenceBy: instant,
    decideBy: orNull(instant),
    overdue: orNull(truth),
    decidedAt: orNull(instant),
    findings: listOf(text),
  }),
  Complaint: objectOf({ complaintId: text, agencyId: text }),
  Session: objectOf({ sessionId: text, agencyId: text, creatorId: text }),
  Vertical: objectOf({
    month: text,
    vertical: text,
    ranking: listOf({ type: 'object' }),
    refused: listOf({ type: 'object' }),
  }),
  Slots: objectOf({ date: text }),
  Themes: objectOf({ month: text, knownAt: instant }),
  WhatIf: objectOf({ recorded: counted, whatif: counted, partsAt: orNull(instant) }),
  Agency: objectOf({
    agencyId: text,
    name: orNull(text),
    revision: whole,
    standing,
    period: text,
    balance: whole,
    threshold: whole,
  }),
  AgencyPage: page(objectOf({ agencyId: text, balance: whole, standing })),
  Timeline: objectOf({ agencyId: text, ...at, balance: whole, acts: listOf({ $ref: '#/components/schemas/Act' }) }),
  Act: objectOf({
    id: text,
    type: text,
    stream: text,
    revision: whole,
    actor: text,
    recordedAt: instant,
    data: { type: 'object' },
  }),
  FindingPage: page(
    objectOf({
      stream: text,
      revision: whole,
      place: whole,
      code: text,
      severity: text,
      detail: text,
      message: text,
      recordedAt: instant,
    }),
  ),
  Deadline: objectOf({
    uid: text,
    kind: text,
    agencyId: text,
    subjectId: text,
    at: instant,
    knownSince: instant,
    revision: whole,
  }),
  EventPage: page(objectOf({ position: text, leafHash: text, event: { type: 'object' } })),
  Checkpoint: objectOf({ size: whole, note: text }),
  InclusionProof: objectOf({
    stream: text,
    revision: whole,
    leafHash: text,
    index: whole,
    proof: listOf(text),
    checkpoint: text,
  }),
  ConsistencyProof: objectOf({ from: whole, to: whole, proof: listOf(text) }),
};

/** The answers that routes share, by name. */
export const componentSchemas: Readonly<Record<string, SchemaObject>> = {
  CommandAnswer: objectOf(
    {
      status: { type: 'string', enum: ['accepted', 'duplicate'] },
      code: { type: 'null' },
      events: listOf(text),
      findings: listOf(text),
      appended: listOf(objectOf({ id: text, type: text, stream: text, revision: whole, receipt: text })),
      position: text,
    },
    ['status', 'code', 'events', 'findings', 'appended'],
  ),
  OutcomeLine: objectOf(
    {
      line: whole,
      status: { type: 'string', enum: ['accepted', 'duplicate', 'rejected'] },
      code: orNull(text),
      events: listOf(text),
      findings: listOf(text),
      message: text,
    },
    ['line', 'status', 'code', 'events', 'findings'],
  ),
  Problem: objectOf(
    {
      type: { type: 'string', format: 'uri' },
      title: text,
      status: whole,
      detail: text,
      message: text,
      instance: text,
      code: { type: 'string', enum: [...problemCodes] },
      rule: text,
      hint: text,
      errors: listOf(objectOf({ path: text, pointer: text, constraint: text, message: text })),
    },
    ['type', 'title', 'status', 'code', 'rule', 'hint'],
  ),
  ...answers,
  ApiKey: objectOf({ ...key, ...keyMore }, Object.keys(key)),
  IssuedKey: objectOf({ key: { $ref: '#/components/schemas/ApiKey' }, token: text }),
  Webhook: objectOf(
    {
      id: text,
      url: text,
      types: listOf(text),
      agencyId: text,
      createdAt: instant,
      cursor: text,
      state: { type: 'string', enum: ['active', 'paused', 'disabled'] },
      failures: whole,
      failingSince: instant,
      lastProblem: text,
      lastDeliveredAt: instant,
    },
    ['id', 'url', 'createdAt', 'state', 'failures'],
  ),
  WebhookWithSecret: objectOf({ webhook: { $ref: '#/components/schemas/Webhook' }, secret: text }),
  EvidencePack: objectOf(
    {
      id: { type: 'string', format: 'uuid' },
      agencyId: text,
      appealId: text,
      requestedAt: instant,
      status: { type: 'string', enum: ['waiting', 'building', 'ready', 'failed'] },
      progress: objectOf({
        step: { type: 'string', enum: ['waiting', 'gathering', 'printing', 'storing'] },
        done: whole,
        of: whole,
      }),
      bytes: whole,
      sha256: text,
      pages: whole,
      missingGlyphs: listOf(text),
      href: text,
      expiresAt: instant,
      problem: { $ref: '#/components/schemas/Problem' },
    },
    ['id', 'agencyId', 'requestedAt', 'status'],
  ),
  Erasure: objectOf({ status: { type: 'string', enum: ['accepted'] }, events: listOf(text) }),
  AccessPage: objectOf(
    { entries: listOf({ type: 'object' }), next: whole, head: objectOf({ seq: whole, hash: text }) },
    ['entries'],
  ),
  Live: objectOf({ status: { type: 'string', enum: ['ok'] } }),
  Ready: objectOf(
    {
      status: { type: 'string', enum: ['ok'] },
      checks: { type: 'object' },
      queued: whole,
      lagEvents: whole,
      tripwires: objectOf({ alarms: { type: 'object', additionalProperties: whole }, lastFailure: text }, ['alarms']),
    },
    ['status', 'checks', 'queued', 'lagEvents'],
  ),
};
