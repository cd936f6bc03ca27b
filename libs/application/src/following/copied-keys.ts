import type { EventStore } from '@penalty-ledger/event-store';
import { keysNeededBy, readEvent } from '@penalty-ledger/ledger';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import { finishErasures } from '../keys/finish-erasures.js';
import { KeyStore } from '../keys/key-store.js';
import type { CheckedEvent } from './incoming-events.js';
import type { SourceConnection } from './source-connection.js';
import { SourceRefusedError } from './source-errors.js';

/** Subjects whose keys are asked for at once. */
export const maxSharedSubjects = 1_000;

/** The ledger's keys beside a copy: taken from the source as its events need them. */
export class CopiedKeys {
  private constructor(
    readonly keys: KeyStore,
    readonly source: SourceConnection,
  ) {}

  /**
   * Opens the copy's key file, and takes the signing key and all that the copy's events need.
   *
   * @throws SourceForbidsError without an administrator's token, or when the source shares no keys
   * @throws KeysDifferError, KeysOfAnotherLedgerError
   */
  static async open(
    path: string,
    store: EventStore,
    source: SourceConnection,
    {
      verifierKey,
      ledgerId,
    }: { readonly verifierKey: string; readonly ledgerId: string | undefined },
  ): Promise<CopiedKeys> {
    const keys = KeyStore.open(path, ledgerId);
    try {
      const copied = new CopiedKeys(keys, source);
      await copied.takeSigningKey(verifierKey);
      // An earlier process may have copied events without keys.
      for await (const batch of store.readAll()) {
        const sealed = batch.filter(({ body }) => body.includes('"personal":['));
        await copied.#take(sealed.flatMap(({ body }) => keysNeededBy(readEvent({ body }))));
      }
      await finishErasures(store, keys);
      return copied;
    } catch (error) {
      keys.close();
      throw error;
    }
  }

  /** Takes the signing key that the copy has proved, as {@link takeSigningKey}. */
  takeSigningKey(verifierKey: string): Promise<void> {
    return takeSigningKey(this.keys, this.source, verifierKey);
  }

  /** Takes the keys that events need. */
  before(events: readonly CheckedEvent[]): Promise<void> {
    return this.#take(events.flatMap(({ subjects }) => subjects));
  }

  /** Destroys the keys of subjects that were erased, once that is durable. */
  after(events: readonly CheckedEvent[]): void {
    for (const { erased } of events) if (erased !== undefined) this.keys.destroy(erased);
    this.keys.removeDestroyed();
  }

  close(): void {
    this.keys.close();
  }

  #take(subjects: readonly string[]): Promise<void> {
    return takeKeys(this.keys, this.source, subjects);
  }
}

/**
 * Takes the ledger's signing key, unless it is here. One that the ledger rotated away gives way to
 * the one that followed.
 */
export async function takeSigningKey(
  keys: KeyStore,
  source: SourceConnection,
  verifierKey: string,
): Promise<void> {
  const { name } = parseVerifierKey(verifierKey);
  if (keys.findSigningKey(name)?.verifierKey === verifierKey) return;
  const { signingKey } = await source.sealingKeys([]);
  if (signingKey === undefined)
    throw new SourceRefusedError(
      { en: 'it has no signing key yet', zh: '它尚无签名密钥' },
      { en: 'let it sign a checkpoint', zh: '请让它签署一个检查点' },
    );
  keys.forgetSigningKey(name);
  keys.takeSigningKey(name, signingKey, verifierKey);
}

/** Takes the keys of subjects that have none here yet, durably. */
export async function takeKeys(
  keys: KeyStore,
  source: SourceConnection,
  subjects: Iterable<string>,
): Promise<void> {
  const wanted = [...new Set(subjects)].filter((each) => keys.stateOf(each) === 'never');
  for (let from = 0; from < wanted.length; from += maxSharedSubjects) {
    const some = wanted.slice(from, from + maxSharedSubjects);
    const { subjects: shared } = await source.sealingKeys(some);
    const asked = new Set(some);
    if (!shared.every(({ subject }) => asked.has(subject)))
      throw new SourceRefusedError({
        en: 'it sent a key that it was not asked for',
        zh: '它发送了并未索取的密钥',
      });
    keys.take(shared);
  }
}
