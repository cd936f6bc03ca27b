import { readFileSync } from 'node:fs';
import type { Fence } from '@penalty-ledger/application';
import {
  SourceAwayError,
  SourceConnection,
  termProved,
  type PromotionProof,
} from '@penalty-ledger/application/following';
import { earliestReceiptOf } from '@penalty-ledger/application/receipt-of';
import { custodyOf, setCustody, type Position } from '@penalty-ledger/event-store';
import { ledgerStream } from '@penalty-ledger/ledger';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { ServedLedger } from '../served/served-ledger.js';
import type { ServedLog } from '../served/served-log.js';
import { SettingsError, type Settings } from './settings.js';

/** The interval at which other machines are asked and told. */
const watchMs = 5_000;

/**
 * Ends the writing of a service for good.
 *
 * @throws ApiProblem `stale_term` when its ledger is in that term or a later one, or another copy
 *   took over before
 */
export async function fenceAt(ledger: ServedLedger, fence: Fence): Promise<Position | undefined> {
  const { node } = ledger;
  const { term } = await ledger.term();
  // The order of one copy holds for it alone; a promotion that is proved has happened.
  const isRepeated =
    node.fenced !== undefined &&
    (fence.copy === undefined
      ? node.fenced.term <= fence.term
      : node.fenced.term === fence.term && node.fenced.copy === fence.copy);
  if (fence.term <= term || (node.fenced !== undefined && !isRepeated)) {
    const current = Math.max(term, node.fenced?.term ?? 0);
    throw new ApiProblem('stale_term', {
      en: `term ${fence.term}: this ledger is in term ${current}`,
      zh: `第 ${fence.term} 任期：本账本已处于第 ${current} 任期`,
    });
  }
  return node.fence(fence);
}

/**
 * The proof that a service's ledger was promoted; `undefined` when it never was, or no checkpoint
 * holds it yet.
 */
export async function promotionProofOf(
  ledger: ServedLedger,
  log: ServedLog,
): Promise<PromotionProof | undefined> {
  const { promotion } = await ledger.term();
  if (promotion === undefined) return undefined;
  const { body, revision } = promotion;
  try {
    // Under the key of then, which the writer before has too.
    const receipt = await log.use((opened) =>
      earliestReceiptOf(opened, { stream: ledgerStream, revision }),
    );
    return { event: body, receipt };
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'not_ready') return undefined;
    throw error;
  }
}

/**
 * Keeps two machines from both taking commands after they lost sight of each other. A writer asks
 * the services named in `LEDGER_FOLLOWERS` whether one took over, and then fences itself. A
 * promoted ledger shows its promotion to the writer before, until that one confirms.
 */
export class PromotionWatch {
  readonly #followers: readonly SourceConnection[];
  #former: SourceConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #url: string | undefined;

  constructor(
    private readonly ledger: ServedLedger,
    private readonly log: ServedLog,
    { followerUrls, followersCa }: Pick<Settings, 'followerUrls' | 'followersCa'>,
    private readonly onError: (error: unknown) => void,
  ) {
    const ca = followersCa === undefined ? undefined : caIn(followersCa);
    this.#followers = (followerUrls?.split(',') ?? []).map(
      (url) => new SourceConnection({ url, ca }),
    );
    const store = ledger.node.writer?.ledger.parts.store;
    const custody = store === undefined ? undefined : custodyOf(store);
    if (custody?.role === 'writer' && custody.details['notified'] !== true && custody.other !== '')
      this.#former = new SourceConnection({ url: custody.other, ca });
  }

  /** Asks and tells once. A machine that is away is asked again later. */
  async look(): Promise<void> {
    const looks = [...this.#followers.map((each) => this.#ask(each)), this.#tell()];
    for (const looked of await Promise.allSettled(looks))
      if (looked.status === 'rejected' && !(looked.reason instanceof SourceAwayError))
        this.onError(looked.reason);
  }

  /** @param url at which this service listens, for the writer before to name */
  start(url: string): void {
    this.#url = url;
    if (this.#followers.length === 0 && this.#former === undefined) return;
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look());
    }, watchMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const each of this.#followers) each.close();
    this.#former?.close();
    await this.#looking;
  }

  async #ask(follower: SourceConnection): Promise<void> {
    const { node } = this.ledger;
    if (node.writer === undefined) return;
    const proof = await follower.promotion();
    const verifierKey = node.verifierKey();
    if (proof === undefined || verifierKey === undefined) return;
    const term = termProved(proof, verifierKey);
    if (term > (await this.ledger.term()).term)
      await fenceAt(this.ledger, { term, writer: follower.url });
  }

  async #tell(): Promise<void> {
    const former = this.#former;
    const store = this.ledger.node.writer?.ledger.parts.store;
    if (former === undefined || store === undefined) return;
    const proof = await promotionProofOf(this.ledger, this.log);
    if (proof === undefined) return;
    await former.showPromotion(proof, this.#url);
    const custody = custodyOf(store);
    if (custody !== undefined)
      setCustody(store, { ...custody, details: { ...custody.details, notified: true } });
    this.#former = undefined;
    former.close();
  }
}

/** @throws SettingsError */
function caIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`LEDGER_FOLLOWERS_CA: cannot read "${file}": ${reason}`);
  }
}
