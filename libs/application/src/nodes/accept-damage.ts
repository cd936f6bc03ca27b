import { existsSync } from 'node:fs';
import {
  ledgerStream,
  SpokenError,
  type AcceptedDamage,
  type InBoth,
} from '@penalty-ledger/ledger';
import { LogFile } from '@penalty-ledger/sequencer';
import type { Clock } from '../clock.js';
import { openLedger, type OpenedLedger } from '../opening/open-ledger.js';
import { acceptedLoss, isAcceptedIn, missingSizes } from '../keys/missing-checkpoints.js';
import { locationOf } from '../stores/store-url.js';
import type { CheckName } from '../verification/damage.js';
import { verifyLedger } from '../verification/verify-ledger.js';

/** There is nothing to accept, or more is damaged than may be accepted. */
export class NothingAcceptedError extends SpokenError {
  readonly code = 'nothing_accepted';

  constructor(
    text: InBoth,
    readonly hint: InBoth,
  ) {
    super(text);
    this.name = 'NothingAcceptedError';
  }
}

/** The ledger, and who accepts. */
export interface AcceptDamage {
  readonly url: string;
  readonly simulation: boolean;
  readonly by: string | undefined;
  readonly clock: Clock;
}

/** Checks whose damage the loss of the rows' key does not explain. */
const mustHold: ReadonlySet<CheckName> = new Set<CheckName>([
  'events',
  'form',
  'leaf hashes',
  'streams',
  'ids',
  'times',
  'tree',
  'checkpoints',
]);

const lookFirst: InBoth = {
  en: '"ledger verify" lists all damage',
  zh: '"ledger verify" 会列出全部损坏',
};

/**
 * Takes every row of the event file as the ledger's own, when the key of their MACs is lost: an
 * older key file was put back. Everything else must hold. An event says who did so.
 *
 * @throws NothingAcceptedError
 * @throws as `openLedger` and `verifyLedger`
 */
export async function acceptRows(given: AcceptDamage): Promise<AcceptedDamage> {
  const { url } = given;
  const { checks } = await verifyLedger({ url, extent: 'stored' });
  const isForeign = checks.some(({ check, damages }) => check === 'row MACs' && damages.length > 0);
  if (!isForeign)
    throw new NothingAcceptedError(
      { en: 'no row of the event file is foreign', zh: '事件文件中没有外来的行' },
      lookFirst,
    );
  const damaged = checks.find(({ check, damages }) => mustHold.has(check) && damages.length > 0);
  const [damage] = damaged?.damages ?? [];
  if (damage !== undefined)
    throw new NothingAcceptedError(
      {
        en: `not only the MACs of rows are wrong; ${damage.check}: ${damage.problem.en}`,
        zh: `有误的不只是行校验码；${damage.check}：${damage.problem.zh}`,
      },
      lookFirst,
    );
  return opened(given, true, async ({ ledger }, now) => {
    const count = Number((await ledger.parts.store.head()) ?? 0);
    const upTo = keptSizes(url).at(-1) ?? 0;
    const accepted = { kind: 'rows_unknown', count, upTo } as const;
    await ledger.acceptDamage(accepted, given.by, now);
    return accepted;
  });
}

/**
 * Accepts that checkpoints which were signed are lost for good, with the log that kept them. An
 * event says who did so; what the ledger signs from then on holds it.
 *
 * @throws NothingAcceptedError when none is missing whose loss was not accepted
 * @throws as `openLedger`
 */
export function acceptLostCheckpoints(given: AcceptDamage): Promise<AcceptedDamage> {
  return opened(given, false, async ({ ledger }, now) => {
    const { keys, store } = ledger.parts;
    const missing = missingSizes(keys.signedSizes(), new Set(keptSizes(given.url)));
    const isAccepted = isAcceptedIn(missing, await acceptedLoss(store.readStream(ledgerStream)));
    if (missing.every(isAccepted))
      throw new NothingAcceptedError(
        {
          en: 'no signed checkpoint is missing whose loss was not accepted yet',
          zh: '没有尚待接受丢失的检查点',
        },
        lookFirst,
      );
    const upTo = missing.at(-1) ?? 0;
    const accepted = { kind: 'checkpoints_lost', count: missing.length, upTo } as const;
    await ledger.acceptDamage(accepted, given.by, now);
    return accepted;
  });
}

async function opened<Result>(
  { url, simulation, clock }: AcceptDamage,
  acceptsRows: boolean,
  work: (ledger: OpenedLedger, now: ReturnType<Clock['now']>) => Promise<Result>,
): Promise<Result> {
  const now = clock.now();
  const ledger = await openLedger({ url, simulation, openedAt: now, clock, acceptsRows });
  try {
    return await work(ledger, now);
  } finally {
    // It signs for the event.
    await ledger.close();
  }
}

/** The sizes of the checkpoints in a ledger's log, smallest first. */
function keptSizes(url: string): readonly number[] {
  const { log } = locationOf(url);
  if (!existsSync(log)) return [];
  const file = LogFile.open(log, 'read');
  try {
    return file.checkpoints().map(({ size }) => size);
  } finally {
    file.close();
  }
}
