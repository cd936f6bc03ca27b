import type { Outcome } from '@penalty-ledger/application';
import {
  closed,
  described,
  enumOf,
  FindingCodeSchema,
  InstantSchema,
  UuidSchema,
  type LedgerZone,
  type Shape,
  inEach,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { ApiProblem } from '../http/problems/api-problem.js';
import { isProblemCode } from '../http/problems/problem-document.js';

/** The instant from which a duplicate is known, in the ledger's zone. */
export const SinceSchema = described(
  InstantSchema,
  'of a duplicate: when it was recorded, in the ledger’s zone',
);

/**
 * The answer to an accepted command. That to a duplicate is the answer of its first acceptance with
 * another position, because its sender may have missed the first.
 */
export type CommandAnswer = Shape<typeof CommandAnswerSchema>;
export const CommandAnswerSchema = closed(
  {
    status: enumOf(['accepted', 'duplicate']),
    code: Type.Null(),
    events: Type.Array(Type.String(), { description: 'the types of the events that were stored' }),
    findings: Type.Array(FindingCodeSchema),
    since: Type.Optional(SinceSchema),
    appended: Type.Array(
      closed({
        id: UuidSchema,
        type: Type.String(),
        stream: Type.String(),
        revision: Type.Integer(),
        receipt: Type.String({
          description:
            'the path of its receipt: `not_ready` until a signed checkpoint covers the event',
        }),
      }),
      { description: 'the same events, by name' },
    ),
    position: Type.Optional(
      Type.String({ description: 'for `?atLeast=` of a query that is to rest on this command' }),
    ),
  },
  { $id: 'CommandAnswer' },
);

/** Answers an accepted command. @throws ApiProblem for a refused one */
export function commandAnswer(outcome: Outcome, zone: LedgerZone): CommandAnswer {
  const { status, events, findings, since, appended = [], position } = outcome;
  if (status === 'rejected') throw refusalOf(outcome);
  return {
    status,
    code: null,
    events,
    findings,
    ...(since !== undefined && { since: zone.format(since) }),
    appended: appended.map(({ id, type, stream, revision }) => ({
      id,
      type,
      stream,
      revision,
      receipt: `/receipts/${stream}/${revision}`,
    })),
    ...(position !== undefined && { position }),
  };
}

/**
 * A refused command, as a problem with the domain's own code and message. The domain's place
 * `data.clause` is `clause` here: a body is the data alone.
 */
export function refusalOf({ code, message }: Pick<Outcome, 'code' | 'message'>): ApiProblem {
  return new ApiProblem(
    code !== null && isProblemCode(code) ? code : 'internal',
    message && inEach(message, (half) => half.replace(/^data\./, '')),
  );
}
