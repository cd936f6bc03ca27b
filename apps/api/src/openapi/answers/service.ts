import type { LineOutcome } from '@penalty-ledger/application';
import type { AccessEntry, AccessPage, Anchor } from '@penalty-ledger/application/access-log';
import { roles, type ApiKey, type IssuedKey } from '@penalty-ledger/application/api-keys';
import type { CommandAnswer } from '../../commands/commands-controller.js';
import { problemCodes, type ProblemDocument } from '../../http/problems/problem-document.js';
import type { FieldProblem } from '../../http/problems/validation-problems.js';
import type { NodeReport } from '../../operating/node-report.js';
import type { TripwireReport } from '../../operating/tripwire-report.js';
import type { Webhook, WithSecret } from '@penalty-ledger/application/webhooks';
import type { SchemaObject } from '../schemas.js';
import { findingCode } from './standing.js';
import {
  closed,
  constant,
  digest,
  id,
  instant,
  listOf,
  orNull,
  ref,
  text,
  truth,
  whole,
  words,
} from './words.js';

type OutcomeLine = Pick<
  LineOutcome['outcome'],
  'status' | 'code' | 'events' | 'findings' | 'message'
> & {
  readonly line: number;
  readonly rule?: string;
};

type Field = FieldProblem & { readonly pointer: string };

const link: SchemaObject = { type: 'string', format: 'uri-reference' };
const role: SchemaObject = { type: 'string', enum: [...roles] };

type Lease = NonNullable<NodeReport['lease']>;

type ReadyAnswer = NodeReport & {
  readonly status: 'ok';
  readonly checks: object;
  readonly queued: number;
  readonly lagEvents: number;
  readonly tripwires?: TripwireReport;
};

/** A node's role, and who holds the lease. */
const node: Readonly<Record<keyof NodeReport, object>> = {
  role: words<NodeReport['role']>({ writer: true, reader: true }),
  lease: closed<Lease>(
    {
      holder: words<Lease['holder']>({
        this_node: true,
        another_node: true,
        nobody: true,
        unknown: true,
      }),
      until: instant,
      failedRenewals: whole,
      lastFailure: text,
    },
    'until',
    'failedRenewals',
    'lastFailure',
  ),
  writingEnded: text,
};

/** What commands are answered with, refusals, and the answers about the service itself. */
export const serviceAnswers: Readonly<Record<string, SchemaObject>> = {
  CommandAnswer: closed<CommandAnswer>(
    {
      status: words<'accepted' | 'duplicate'>({ accepted: true, duplicate: true }),
      code: { type: 'null' },
      events: listOf(text),
      findings: listOf(findingCode),
      appended: listOf(
        closed<CommandAnswer['appended'][number]>({
          id: { type: 'string', format: 'uuid' },
          type: text,
          stream: text,
          revision: whole,
          receipt: text,
        }),
      ),
      position: text,
    },
    'position',
  ),
  OutcomeLine: closed<OutcomeLine>(
    {
      line: whole,
      status: words<OutcomeLine['status']>({ accepted: true, duplicate: true, rejected: true }),
      code: orNull(text),
      events: listOf(text),
      findings: listOf(findingCode),
      message: text,
      rule: link,
    },
    'message',
    'rule',
  ),
  // RFC 9457 lets a problem have further members: those of `/health/ready` say which check failed.
  Problem: {
    ...closed<ProblemDocument>(
      {
        type: { type: 'string', format: 'uri' },
        title: text,
        status: whole,
        detail: text,
        message: text,
        instance: { type: 'string', format: 'uri' },
        code: { type: 'string', enum: [...problemCodes] },
        rule: link,
        hint: text,
        errors: listOf(
          closed<Field>({ path: text, pointer: text, constraint: text, message: text }),
        ),
      },
      'detail',
      'message',
      'instance',
      'errors',
    ),
    additionalProperties: true,
  },
  Erasure: closed({ status: constant('accepted'), events: listOf(text) }),
  ApiKey: closed<ApiKey>(
    {
      id: text,
      label: text,
      roles: listOf(role),
      agencyId: id,
      createdAt: instant,
      expiresAt: instant,
      revokedAt: instant,
      lastUsedAt: instant,
      rotatingUntil: instant,
    },
    'agencyId',
    'revokedAt',
    'lastUsedAt',
    'rotatingUntil',
  ),
  IssuedKey: closed<IssuedKey>({ key: ref('ApiKey'), token: text }),
  Webhook: closed<Webhook>(
    {
      id: text,
      url: text,
      types: listOf(text),
      agencyId: id,
      deadlines: closed<NonNullable<Webhook['deadlines']>>({ withinHours: whole }),
      createdAt: instant,
      cursor: text,
      state: words<Webhook['state']>({ active: true, paused: true, disabled: true }),
      failures: whole,
      failingSince: instant,
      lastProblem: text,
      lastDeliveredAt: instant,
    },
    'types',
    'agencyId',
    'deadlines',
    'cursor',
    'failingSince',
    'lastProblem',
    'lastDeliveredAt',
  ),
  WebhookWithSecret: closed<WithSecret>({ webhook: ref('Webhook'), secret: text }),
  AccessPage: closed<AccessPage & { readonly head?: Anchor }>(
    {
      entries: listOf(
        closed<AccessEntry>({
          at: instant,
          hash: digest,
          previous: digest,
          seq: whole,
          principal: orNull(text),
          role: orNull(role),
          method: text,
          route: text,
          subject: { type: 'object', additionalProperties: text },
          status: whole,
          requestId: text,
        }),
      ),
      next: whole,
      head: closed<Anchor>({ seq: whole, hash: digest }),
    },
    'next',
    'head',
  ),
  Live: closed({ status: constant('ok') }),
  Ready: closed<ReadyAnswer>(
    {
      status: constant('ok'),
      checks: closed({
        ledger: truth,
        store: truth,
        sequencer: truth,
        readModels: truth,
        queue: truth,
      }),
      ...node,
      queued: whole,
      lagEvents: whole,
      tripwires: closed<TripwireReport>(
        { alarms: { type: 'object', additionalProperties: whole }, lastFailure: text },
        'lastFailure',
      ),
    },
    'lease',
    'writingEnded',
    'tripwires',
  ),
  Writer: closed<NodeReport & { readonly status: 'ok' }>(
    { status: constant('ok'), ...node },
    'lease',
    'writingEnded',
  ),
};
