import { openLedger, systemClock, type NamedKind, type Outcome } from '@penalty-ledger/application';
import { nearestRecordedIds } from '@penalty-ledger/application/read-models';
import { erasure, checkOf, IdSchema, type EraseSubject, joined } from '@penalty-ledger/ledger';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';

/** The request on the command line, not checked yet. */
export interface ErasureRequest {
  readonly subject: string;
  readonly requestId: string | undefined;
  readonly by: string | undefined;
}

const { properties } = erasure.eraseSubjectSchema;
const checkSubject = checkOf(properties.subject, '--subject');
const checkRequestId = checkOf(properties.requestId, '--request');
const checkActor = checkOf(IdSchema, '--by');

/** The outcome of a request, and whether the ledger is a simulation. */
export interface Erased extends Outcome {
  readonly simulation: boolean;
}

/**
 * Erases a subject in the ledger of a store. A malformed request gets the code `invalid`; the
 * ledger is not opened for it.
 *
 * @throws StoreUnavailableError, StoreLockedError, IntegrityError
 */
export async function eraseSubject(
  url: string,
  { subject, requestId, by }: ErasureRequest,
): Promise<Erased> {
  const request: EraseSubject = { subject, ...(requestId !== undefined && { requestId }) };
  const problems = [
    ...checkSubject(subject),
    ...(requestId === undefined ? [] : checkRequestId(requestId)),
    ...(by === undefined ? [] : checkActor(by)),
  ];
  if (problems.length > 0)
    return {
      status: 'rejected',
      code: 'invalid',
      events: [],
      findings: [],
      message: joined(problems),
      simulation: false,
    };
  const { simulation } = await withLedgerFile(url, 'read', ({ store }) => settingsOf(store));
  const opened = await openLedger({ url, simulation, openedAt: systemClock.now() });
  try {
    const { ledger } = opened;
    const now = simulation ? ledger.clock : systemClock.now();
    return { ...(await ledger.erase(request, by, now)), simulation };
  } finally {
    await opened.close();
  }
}

/** The subjects nearest to one that is not known, of its own kind: `creator:cr-7`. */
export function nearestSubjects(
  url: string,
  subject: string,
): Promise<readonly { readonly id: string }[]> {
  const [, kind = '', id = ''] = /^([^:]+):(.*)$/s.exec(subject) ?? [];
  return withLedgerFile(url, 'read', async ({ store, location }) => {
    const near = await nearestRecordedIds(kind as NamedKind, id, store, location.readModels);
    return near.map((one) => ({ id: `${kind}:${one.id}` }));
  });
}
