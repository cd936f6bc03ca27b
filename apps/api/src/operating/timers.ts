import type { AccessLogAge } from '@penalty-ledger/application/access-log';
import { epochMsOf } from '@penalty-ledger/ledger';
import type { ServiceParts } from '../api-module.js';
import type { Settings } from './settings.js';

/**
 * The interval at which the ledger's clock is moved on while no command comes, so that what falls
 * due is recorded near its instant.
 */
const tickMs = 5_000;

/** The parts that have regular work. */
export interface TimedParts extends Pick<
  ServiceParts,
  'ledger' | 'log' | 'delivery' | 'trail' | 'packs'
> {
  /** Left out where the access log keeps everything. */
  readonly accessLogAge: Pick<AccessLogAge, 'keep'> | undefined;
}

/** The interval at which the age of the access log is looked at. */
const ageMs = 3_600_000;

/**
 * Starts the regular work: the ledger's clock is moved on, webhooks that an error ended are taken
 * up again, packs whose hour is over are deleted, and a checkpoint is signed when something was
 * recorded; a node that only reads brings its Merkle tree up instead. Read models are compared with
 * their sums, every page once in `scrubHours`. What is too old is cut off the access log.
 *
 * @returns what stops it
 */
export function startTimers(
  { ledger, log, delivery, trail, packs, accessLogAge }: TimedParts,
  { checkpointSeconds, scrubHours }: Pick<Settings, 'checkpointSeconds' | 'scrubHours'>,
  onError: (error: unknown) => void,
): () => void {
  let signed = ledger.node.writer?.ledger.position;
  const tick = setInterval(() => {
    ledger.node.writer?.ledger.advanceTo(ledger.clock.now()).catch(onError);
    delivery.refresh().catch(onError);
    packs.sweep().catch(onError);
    trail.takeActs().catch(onError);
  }, tickMs);
  const sign = setInterval(() => {
    const { writer } = ledger.node;
    if (writer === undefined) {
      log.use(() => undefined).catch(onError);
      return;
    }
    const { position } = writer.ledger;
    if (position === signed) return;
    signed = position;
    log.sign().catch((error: unknown) => {
      // Tried again at the next, also when nothing more is recorded.
      signed = undefined;
      onError(error);
    });
  }, checkpointSeconds * 1_000);
  let scrubbing: NodeJS.Timeout;
  const scrubNext = (): void => {
    const { scrub } = ledger.reader;
    scrubbing = setTimeout(
      () => {
        scrub.step(epochMsOf(ledger.clock.now())).catch(onError);
        scrubNext();
      },
      (scrubHours * 3_600_000) / scrub.steps,
    );
  };
  scrubNext();
  const keepAge = (): void => void accessLogAge?.keep().catch(onError);
  keepAge();
  const age = setInterval(keepAge, ageMs);
  return () => {
    clearTimeout(scrubbing);
    clearInterval(age);
    clearInterval(tick);
    clearInterval(sign);
  };
}
