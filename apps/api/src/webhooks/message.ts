import { hash } from 'node:crypto';
import {
  DeadlineKindSchema,
  MonthFiguresSchema,
  type Deadline,
  type FedEvent,
  type MonthDeadline,
} from '@penalty-ledger/application';
import type { Webhook } from '@penalty-ledger/application/webhooks';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  laterOf,
  nullable,
  parseStream,
  plusHours,
  Sha256Schema,
  UtcInstantSchema,
  UuidSchema,
  type LedgerEvent,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { calendarUid } from '../deadlines/deadline-calendar.js';
import { serialiserOf } from '../http/serialiser.js';
import { monthNoticeKinds, noticeKindOf, noticeUid } from './outlook-watch.js';

/** The ledger that sends a message. */
export interface MessageOrigin {
  readonly ledgerId: string;
  /** A simulation says so in everything that leaves it. */
  readonly simulation: boolean;
  /** In which it states the instants of deadlines. */
  readonly zone: LedgerZone;
}

/** One message to one webhook: events in the ledger's order, deadlines, or months. */
export interface Message {
  /** `msg_` and 32 hexadecimal digits that follow from the webhook and what the message tells. */
  readonly id: string;
  /** JSON, as `docs/spec/webhooks.md` has it. */
  readonly body: string;
}

const fromLedger = {
  ledgerId: Type.String({ description: 'which ledger speaks' }),
  simulation: Type.Boolean({ description: 'true for a simulation, whose events never happened' }),
};

/** The body of a message about events (`docs/spec/webhooks.md`). */
export const EventsMessageSchema = closed(
  {
    type: Type.Literal('ledger.events'),
    timestamp: described(UtcInstantSchema, '`recordedAt` of the first event'),
    data: closed({
      ...fromLedger,
      events: Type.Array(
        closed({
          id: UuidSchema,
          type: Type.String(),
          agencyId: nullable(
            IdSchema,
            'the agency whose stream it is of, else the one it names, or null',
          ),
          recordedAt: UtcInstantSchema,
          position: Type.String({ description: 'where it stands in its store' }),
          leafHash: Sha256Schema,
        }),
      ),
    }),
  },
  { $id: 'EventsMessage' },
);
const writeEvents = serialiserOf(EventsMessageSchema);

/** The body of a message about deadlines (`docs/spec/webhooks.md`). */
export const DeadlinesMessageSchema = closed(
  {
    type: Type.Literal('ledger.deadlines'),
    timestamp: described(UtcInstantSchema, 'when the first was due to be sent'),
    data: closed({
      ...fromLedger,
      deadlines: Type.Array(
        closed({
          uid: Type.String({ description: 'as in the calendar: kind, agency, subject and ledger' }),
          kind: DeadlineKindSchema,
          agencyId: IdSchema,
          subjectId: Type.String(),
          at: InstantSchema,
        }),
      ),
    }),
  },
  { $id: 'DeadlinesMessage' },
);
const writeDeadlines = serialiserOf(DeadlinesMessageSchema);

/** The body of a message about months (`docs/spec/webhooks.md`). */
export const OutlookMessageSchema = closed(
  {
    type: Type.Literal('ledger.outlook'),
    timestamp: described(UtcInstantSchema, '`asOf` of the first month'),
    data: closed({
      ...fromLedger,
      months: Type.Array(
        closed({
          uid: Type.String({ description: 'its kind, agency, month and ledger' }),
          kind: enumOf(
            monthNoticeKinds,
            'little time is left to act; or it cannot pass whatever is done',
          ),
          agencyId: IdSchema,
          ...MonthFiguresSchema.properties,
        }),
      ),
    }),
  },
  { $id: 'OutlookMessage' },
);
const writeOutlook = serialiserOf(OutlookMessageSchema);

/** The events of one batch that a webhook asked for, as one message; `undefined` without any. */
export function eventsMessage(
  webhookId: string,
  asked: readonly FedEvent[],
  { ledgerId, simulation }: MessageOrigin,
): Message | undefined {
  const events = asked.map(({ event, position, leafHash }) => ({
    id: event.id,
    type: event.type,
    agencyId: agencyOf(event),
    recordedAt: event.recordedAt,
    position,
    leafHash,
  }));
  const [first] = events;
  if (first === undefined) return undefined;
  const ids = [webhookId, ...events.map((event) => event.id)].join(' ');
  const body: Shape<typeof EventsMessageSchema> = {
    type: 'ledger.events',
    timestamp: first.recordedAt,
    data: { ledgerId, simulation, events },
  };
  return { id: messageId(ids), body: writeEvents(body) };
}

/**
 * Deadlines to notify a webhook of, as one message. It has ids only, and the same deadlines give
 * the same message.
 */
export function deadlinesMessage(
  { id: webhookId, deadlines: wanted }: Pick<Webhook, 'id' | 'deadlines'>,
  due: readonly Deadline[],
  { ledgerId, simulation, zone }: MessageOrigin,
): Message | undefined {
  const [first] = due;
  if (first === undefined || wanted === undefined) return undefined;
  const timestamp = laterOf(plusHours(first.at, -wanted.withinHours), first.knownSince);
  const deadlines = due.map(({ uid, kind, agencyId, subjectId, at }) => ({
    uid: calendarUid(uid, ledgerId),
    kind,
    agencyId,
    subjectId,
    at: zone.format(at),
  }));
  const message: Shape<typeof DeadlinesMessageSchema> = {
    type: 'ledger.deadlines',
    timestamp,
    data: { ledgerId, simulation, deadlines },
  };
  const body = writeDeadlines(message);
  return { id: messageId(`${webhookId} ${body}`), body };
}

/**
 * Months to notify a webhook of, as one message: the outlook's figures without any creator. They
 * are those of the attempt, while the id follows from the months and their kinds alone.
 */
export function outlookMessage(
  { id: webhookId }: Pick<Webhook, 'id'>,
  due: readonly MonthDeadline[],
  { ledgerId, simulation }: MessageOrigin,
): Message | undefined {
  const [first] = due;
  if (first === undefined) return undefined;
  const months = due.map((month) => ({
    uid: calendarUid(noticeUid(month), ledgerId),
    kind: noticeKindOf(month),
    agencyId: month.agencyId,
    ...month.figures,
  }));
  const message: Shape<typeof OutlookMessageSchema> = {
    type: 'ledger.outlook',
    timestamp: first.asOf,
    data: { ledgerId, simulation, months },
  };
  const uids = [webhookId, ...months.map(({ uid }) => uid)].join(' ');
  return { id: messageId(uids), body: writeOutlook(message) };
}

function messageId(from: string): string {
  return `msg_${hash('sha256', from, 'hex').slice(0, 32)}`;
}

/** The agency an event is about, as far as it names one. */
function agencyOf({ stream, data }: LedgerEvent): string | null {
  const parsed = parseStream(stream);
  if (parsed?.kind === 'agency') return parsed.agencyId;
  return 'agencyId' in data ? data.agencyId : null;
}
