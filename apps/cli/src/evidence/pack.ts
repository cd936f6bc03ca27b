import { installedPrinter } from '@penalty-ledger/application/installed-printer';
import type { OpenedLog } from '@penalty-ledger/application/open-log';
import {
  buildGathered,
  gatherPack,
  PackRefusedError,
  registeredIn,
  subjectOfAppeal,
} from '@penalty-ledger/application/packing';
import { locationOf } from '@penalty-ledger/application/store-url';
import {
  PackError,
  type AskedQuestion,
  type BuiltPack,
  type PackSubject,
} from '@penalty-ledger/evidence';
import { parseInstant, type Instant } from '@penalty-ledger/ledger';
import {
  nearestRecordedIds,
  recordedAgencyOf,
  recordedCreatorsOf,
} from '@penalty-ledger/application/read-models';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { noteError, noteHint } from '../terminal/io.js';
import { refusalText } from '../terminal/refusal-text.js';
import { signAllEvents, withLog } from '../ledger/signed-log.js';
import { didYouMean } from '../ledger/nearest-ids.js';
import { noteAct } from '../ledger/noted-act.js';
import { assertRegistered, readAttachments } from './attachments.js';
import { said, saidBy } from '../terminal/language.js';

/** The options that name a pack: an appeal, or an agency and a period. */
export interface PackOptions {
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

/** The pack; or `undefined`, with a note, when the ledger lacks its subject. @throws UsageError */
export async function makePack(url: string, options: PackOptions): Promise<BuiltPack | undefined> {
  const asked = questionIn(options);
  const attached = await readAttachments(url, options.attach ?? []);
  const attachments = new Map(attached.map(({ sha256, content }) => [sha256, content]));
  const fileNames = new Map(
    attached.flatMap(({ sha256, fileName }) =>
      fileName === undefined ? [] : [[sha256, fileName] as const],
    ),
  );
  const printer = await installedPrinter();
  return withLog(url, async (opened) => {
    try {
      const wanted = {
        ...asked,
        subject: await subjectOf(opened, url, options),
        ...(options.evidence !== undefined && { evidenceIds: options.evidence }),
        ...(options.redact !== undefined && { redacted: ['complainant'] as const }),
        disclose: options.disclose === true,
      };
      const { agencyId, appealId } = wanted.subject;
      noteAct(url, 'evidence', { agencyId, appealId });
      await signAllEvents(opened);
      const gathered = await gatherPack((work) => work(opened), wanted, {
        creatorsOf: (id) => recordedCreatorsOf(id, opened.store, locationOf(url).readModels),
      });
      assertRegistered(attached, registeredIn(gathered));
      return buildGathered(gathered, wanted, { printer, attachments, fileNames });
    } catch (error) {
      if (error instanceof PackRefusedError) {
        const { readModels } = locationOf(url);
        const { code, id, inBoth } = error;
        const near = await nearestRecordedIds(notFoundKinds[code], id, opened.store, readModels);
        return refused(refusalText(code, inBoth), didYouMean(near));
      }
      if (error instanceof PackError) return refused(`${error.problem}: ${saidBy(error)}`);
      throw error;
    }
  });
}

/** @throws UsageError */
function questionIn(options: PackOptions): Omit<AskedQuestion, 'subject'> {
  const { account, agency, appeal, effectiveAt, knownAt, period, redact } = options;
  if ((appeal === undefined) === (agency === undefined))
    throw new UsageError(
      said(
        'a pack is about one appeal or one agency; give --appeal, or --agency with --period',
        '证据包针对一次申诉或一家机构；请给出 --appeal，或 --agency 和 --period',
      ),
    );
  if (agency !== undefined && period === undefined)
    throw new UsageError(
      said(
        '--agency needs --period; give a year, such as 2019',
        '--agency 需要 --period；请给出年度，例如 2019',
      ),
    );
  if (redact !== undefined && redact !== 'complainant')
    throw new UsageError(
      said(
        `--redact: "${redact}" cannot be left out; only "complainant" can`,
        `--redact：不能隐去 "${redact}"；只能隐去 "complainant"`,
      ),
    );
  return {
    ...(period !== undefined && { period }),
    ...(account !== undefined && { account }),
    ...(knownAt !== undefined && { knownAt: instantOf('--known-at', knownAt) }),
    ...(effectiveAt !== undefined && { effectiveAt: instantOf('--effective-at', effectiveAt) }),
  };
}

function instantOf(option: string, text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined)
    throw new UsageError(
      said(
        `${option}: "${text}" is not an RFC 3339 instant with an offset`,
        `${option}："${text}" 不是带时区偏移的 RFC 3339 时间`,
      ),
      said('write it as 2019-04-01T10:00:00+08:00', '请写成 2019-04-01T10:00:00+08:00'),
    );
  return instant;
}

/** @throws PackRefusedError */
async function subjectOf(
  { store }: OpenedLog,
  url: string,
  { agency = '', appeal }: PackOptions,
): Promise<PackSubject> {
  if (appeal === undefined) return { agencyId: agency };
  const { readModels } = locationOf(url);
  return subjectOfAppeal(appeal, await recordedAgencyOf('appeal', appeal, store, readModels));
}

const notFoundKinds = {
  unknown_agency: 'agency',
  unknown_appeal: 'appeal',
  unknown_evidence: 'evidence',
} as const;

function refused(why: string, hint?: string): BuiltPack | undefined {
  noteError(why);
  if (hint !== undefined) noteHint(hint);
  process.exitCode = exitCodes.no;
  return undefined;
}
