import type { OpenedLog } from '@penalty-ledger/application/open-log';
import { receiptOf } from '@penalty-ledger/application/receipt-of';
import { nearestRecordedIds, recordedAgencyOf } from '@penalty-ledger/application/read-models';
import { locationOf } from '@penalty-ledger/application/store-url';
import { agencyOfStream, agencyStream, readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
import { NotYetSignedError } from '@penalty-ledger/sequencer';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { noteError, noteHint } from '../terminal/io.js';
import { refusalText } from '../terminal/refusal-text.js';
import { didYouMean } from '../ledger/nearest-ids.js';
import { signAllEvents, withLog } from '../ledger/signed-log.js';
import { said } from '../terminal/language.js';

/** The event that a receipt is for, named by one of these. */
export interface ReceiptRequest {
  readonly deduction?: string;
  readonly appeal?: string;
  readonly agency?: string;
  /** `STREAM@REVISION` */
  readonly event?: string;
}

interface Place {
  readonly stream: string;
  readonly revision: number;
}

/** The event is not there. */
interface Missing {
  readonly error: string;
  readonly hint?: string | undefined;
}

/** A receipt, and whether the ledger that gave it is a simulation. */
export interface GivenReceipt {
  readonly receipt: string;
  readonly simulation: boolean;
}

/**
 * The receipt for an event, under a checkpoint, which is signed now if none covers it. Returns
 * `undefined`, with a note, when there is no such event.
 */
export async function giveReceipt(
  url: string,
  request: ReceiptRequest,
): Promise<GivenReceipt | undefined> {
  const find = finderOf(request);
  return withLog(url, async (opened) => {
    const place = await find(opened, url);
    if ('error' in place) {
      noteError(place.error);
      if (place.hint !== undefined) noteHint(place.hint);
      process.exitCode = exitCodes.no;
      return undefined;
    }
    const receipt = await receiptFor(place, opened);
    return { receipt, simulation: opened.settings.simulation };
  });
}

async function receiptFor(place: Place, opened: OpenedLog): Promise<string> {
  try {
    return await receiptOf(opened, place);
  } catch (error) {
    if (!(error instanceof NotYetSignedError)) throw error;
  }
  await signAllEvents(opened);
  return receiptOf(opened, place);
}

type Finder = (opened: OpenedLog, url: string) => Promise<Place | Missing>;

function finderOf({ deduction, appeal, agency, event }: ReceiptRequest): Finder {
  const finders: readonly (Finder | undefined)[] = [
    deduction === undefined
      ? undefined
      : registered(
          'deduction',
          deduction,
          (event) => event.type === 'DeductionImposed' && event.data.deductionId === deduction,
        ),
    appeal === undefined
      ? undefined
      : registered(
          'appeal',
          appeal,
          (event) => event.type === 'AppealInitiated' && event.data.appealId === appeal,
        ),
    agency === undefined ? undefined : lastExpulsion(agency),
    event === undefined ? undefined : named(event),
  ];
  const given = finders.filter((finder) => finder !== undefined);
  const [finder] = given;
  if (finder === undefined || given.length > 1)
    throw new UsageError(
      said(
        'a receipt is for one event; give one of --deduction, --appeal, --agency and --event',
        '回执针对一个事件；请给出 --deduction、--appeal、--agency、--event 之一',
      ),
    );
  return finder;
}

function registered(
  kind: 'deduction' | 'appeal',
  id: string,
  isIt: (event: LedgerEvent) => boolean,
): Finder {
  return async (opened, url) => {
    const { readModels } = locationOf(url);
    const agencyId = await recordedAgencyOf(kind, id, opened.store, readModels);
    const place =
      agencyId === undefined ? undefined : await lastOf(opened, agencyStream(agencyId), isIt);
    if (place !== undefined) return place;
    const near = await nearestRecordedIds(kind, id, opened.store, readModels);
    return {
      error: refusalText(
        `unknown_${kind}`,
        kind === 'deduction'
          ? said(
              `no deduction "${id}" was recorded; check the id`,
              `没有记录扣分 "${id}"；请检查编号`,
            )
          : said(
              `no appeal "${id}" was recorded; check the id`,
              `没有记录申诉 "${id}"；请检查编号`,
            ),
      ),
      hint: didYouMean(near),
    };
  };
}

function lastExpulsion(agencyId: string): Finder {
  return async (opened, url) =>
    (await lastOf(opened, agencyStream(agencyId), ({ type }) => type === 'ExpulsionExecuted')) ?? {
      error: refusalText(
        'not_expelled',
        said(`agency "${agencyId}" has no recorded expulsion`, `机构 "${agencyId}" 没有清退记录`),
      ),
      hint: await nearestAgencies(agencyId, opened, url),
    };
}

function named(event: string): Finder {
  const [, stream, revision] = /^([A-Za-z0-9._:-]{1,80})@(0|[1-9]\d{0,14})$/.exec(event) ?? [];
  if (stream === undefined || revision === undefined)
    throw new UsageError(
      said(
        `--event: "${event}" is not STREAM@REVISION, such as agency-mcn-1@2`,
        `--event："${event}" 不是 STREAM@REVISION，例如 agency-mcn-1@2`,
      ),
    );
  return async (opened, url) =>
    (await lastOf(
      opened,
      stream,
      (found) => found.revision === Number(revision),
      Number(revision),
    )) ?? {
      error: said(
        `unknown_event: stream "${stream}" has no event ${revision}`,
        `unknown_event：事件流 "${stream}" 没有第 ${revision} 号事件`,
      ),
      hint: await streamHint(stream, opened, url),
    };
}

/** The agencies nearest to one that is not in use, as a question. */
async function nearestAgencies(
  agencyId: string,
  { store }: OpenedLog,
  url: string,
): Promise<string | undefined> {
  const near = await nearestRecordedIds('agency', agencyId, store, locationOf(url).readModels);
  return near[0]?.id === agencyId ? undefined : didYouMean(near);
}

/** The revisions that a stream has; else the agencies nearest to the one of its name. */
async function streamHint(
  stream: string,
  opened: OpenedLog,
  url: string,
): Promise<string | undefined> {
  const last = await lastOf(opened, stream, () => true);
  if (last !== undefined)
    return said(
      `its events are 0 to ${String(last.revision)}`,
      `其事件编号为 0 至 ${String(last.revision)}`,
    );
  const agencyId = agencyOfStream(stream);
  return agencyId === undefined ? undefined : nearestAgencies(agencyId, opened, url);
}

/** The last event of a stream that fits. */
async function lastOf(
  { store }: OpenedLog,
  stream: string,
  isWanted: (event: LedgerEvent) => boolean,
  from = 0,
): Promise<Place | undefined> {
  let last: Place | undefined;
  for await (const batch of store.readStream(stream, { from })) {
    for (const record of batch)
      if (isWanted(readEvent(record))) last = { stream, revision: record.revision };
  }
  return last;
}
