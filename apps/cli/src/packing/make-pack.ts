import { locationOf } from '@penalty-ledger/application/store-url';
import type { OpenedLog } from '@penalty-ledger/application/open-log';
import {
  buildPrintedPack,
  PackError,
  type BuiltPack,
  type PackSource,
  type PackSubject,
} from '@penalty-ledger/evidence';
import { evidenceStream, parseInstant, type Instant } from '@penalty-ledger/ledger';
import { ReadModels, registrationKey, registrationLookup } from '@penalty-ledger/projections';
import { exitCodes, UsageError } from '../exit-codes.js';
import { note } from '../io.js';
import { withLog } from '../signing.js';
import { openTexts, readAttachments } from './files.js';
import { gatherPackSource } from './log-source.js';
import { installedPrinter } from './statement-font.js';

/** What a pack is asked for: an appeal, or an agency and a period. */
export interface PackWanted {
  readonly appeal?: string;
  readonly agency?: string;
  readonly period?: string;
  readonly account?: string;
  readonly knownAt?: string;
  readonly effectiveAt?: string;
  readonly redact?: string;
  readonly attach?: readonly string[];
  readonly evidence?: readonly string[];
  readonly disclose?: boolean;
}

/** How many of the checkpoints that were signed a pack follows from, counted from the latest: about 1.5 kB each. */
const earlierCheckpoints = 100;

/** The pack; `undefined` when the ledger does not have what it shall be about, which is then said. */
export async function makePack(url: string, wanted: PackWanted): Promise<BuiltPack | undefined> {
  check(wanted);
  const attachments = await readAttachments(wanted.attach ?? []);
  const printer = await installedPrinter();
  return withLog(url, async (opened) => {
    const subject = await subjectOf(opened, url, wanted);
    if (subject === undefined) return refused(`unknown_appeal: no appeal "${wanted.appeal ?? ''}" was recorded`);
    const { evidence = [] } = wanted;
    const gathered = await gatherPackSource(opened, subject.agencyId, evidence, {
      attachment: (sha256) => attachments.get(sha256),
    });
    if (gathered.stream(`agency-${subject.agencyId}`).length === 0)
      return refused(`unknown_agency: no agency "${subject.agencyId}" was recorded`);
    try {
      return buildPrintedPack(wanted.disclose === true ? disclosing(url, gathered, subject, evidence) : gathered, {
        subject,
        ...instants(wanted),
        ...(wanted.period !== undefined && { period: wanted.period }),
        ...(wanted.account !== undefined && { account: wanted.account }),
        ...(wanted.redact !== undefined && { redacted: ['complainant'] as const }),
        evidenceStreams: evidence.map(evidenceStream),
        printer,
        earlier: opened.sequencer.checkpoints.map(({ size }) => size).slice(-earlierCheckpoints),
      });
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      return refused(`${error.problem}: ${error.message}`);
    }
  });
}

/** @throws UsageError */
function check({ appeal, agency, period, redact }: PackWanted): void {
  if ((appeal === undefined) === (agency === undefined))
    throw new UsageError('a pack is for one appeal or one agency: give --appeal, or --agency with --period');
  if (agency !== undefined && period === undefined) throw new UsageError('--agency needs --period: 2019');
  if (redact !== undefined && redact !== 'complainant')
    throw new UsageError(`--redact: "${redact}" is nothing that can be redacted; it is "complainant"`);
}

function instants({ knownAt, effectiveAt }: PackWanted): { knownAt?: Instant; effectiveAt?: Instant } {
  return {
    ...(knownAt !== undefined && { knownAt: instantOf('--known-at', knownAt) }),
    ...(effectiveAt !== undefined && { effectiveAt: instantOf('--effective-at', effectiveAt) }),
  };
}

function instantOf(option: string, text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined)
    throw new UsageError(`${option}: "${text}" is no RFC 3339 instant with an offset: 2019-04-01T10:00:00+08:00`);
  return instant;
}

async function subjectOf({ store }: OpenedLog, url: string, wanted: PackWanted): Promise<PackSubject | undefined> {
  const { agency, appeal } = wanted;
  if (appeal === undefined) return agency === undefined ? undefined : { agencyId: agency };
  const readModels = ReadModels.open(locationOf(url).readModels);
  try {
    await readModels.catchUp(store);
    const stream = registrationLookup(readModels.database)(registrationKey('appeal', appeal))?.stream;
    return stream === undefined ? undefined : { agencyId: stream.slice('agency-'.length), appealId: appeal };
  } finally {
    readModels.close();
  }
}

function disclosing(
  url: string,
  source: PackSource,
  { agencyId }: PackSubject,
  evidence: readonly string[],
): PackSource {
  const streams = [`agency-${agencyId}`, ...evidence.map(evidenceStream)];
  const texts = openTexts(
    url,
    streams.flatMap((stream) => source.stream(stream).map(({ body }) => body)),
  );
  return { ...source, personal: (eventId) => texts.get(eventId) };
}

function refused(why: string): BuiltPack | undefined {
  note(`error: ${why}`);
  process.exitCode = exitCodes.no;
  return undefined;
}
