import { createPrivateKey, hash } from 'node:crypto';
import type { LoggedEvent, PackSource } from '@penalty-ledger/evidence';
import {
  canonicalJson,
  eventIdOf,
  fingerprintOf,
  leafHashOf,
  textKeyOf,
  type EventEnvelope,
} from '@penalty-ledger/ledger';
import {
  appendLeaves,
  consistencyProof,
  formatReceipt,
  formatVerifierKey,
  inclusionProof,
  MemoryTiles,
  rootAt,
  signCheckpoint,
  signNote,
  signerKey,
  StreamHeads,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import type { TestLedger } from './test-ledger.js';

/** Returns a signer key for tests, derived from a public name and so equal in every run. */
export function testKey(name: string, seed = name): SignerKey {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    hash('sha256', `seed of ${seed}`, 'buffer'),
  ]);
  return signerKey(name, createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' }));
}

/** Returns the bytes of the event that a ledger signs with another key from there on. */
export function rotationBody(
  bodies: readonly string[],
  previous: SignerKey,
  next: SignerKey,
): string {
  const opening = JSON.parse(bodies[0]!) as EventEnvelope<string, { ledgerId: string }>;
  const data = { previous: formatVerifierKey(previous), verifierKey: formatVerifierKey(next) };
  const causation = {
    command: 'RotateSigningKey',
    commandId: 'ledger@1/rotated',
    fingerprint: fingerprintOf('RotateSigningKey', data),
  };
  const last = JSON.parse(bodies.at(-1)!) as EventEnvelope;
  return canonicalJson({
    actor: 'admin-1',
    causation,
    data,
    format: 1,
    id: eventIdOf(opening.data.ledgerId, 'ledger', causation, 0),
    previous: leafHashOf(bodies[0]!),
    recordedAt: last.recordedAt,
    revision: 1,
    schemaVersion: 1,
    stream: 'ledger',
    type: 'SigningKeyRotated',
  });
}

/** By event and JSON Pointer. */
type TextKeys = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The bodies of a ledger's events with the log over them, as a store keeps it; tests build packs
 * from it.
 */
export class LoggedLedger {
  readonly #tiles = new MemoryTiles();
  readonly #leaves: readonly string[];

  constructor(
    readonly bodies: readonly string[],
    /** The keys of sealed texts. */
    readonly textKeys: TextKeys = new Map(),
    readonly key: SignerKey = testKey('ledger.example/test'),
    /** A key that signs checkpoints beside it. */
    readonly beside?: SignerKey,
  ) {
    this.#leaves = bodies.map(leafHashOf);
    this.#tiles.write(appendLeaves(this.#tiles, 0, this.#leaves));
  }

  static async of(ledger: TestLedger): Promise<LoggedLedger> {
    const bodies: string[] = [];
    for await (const batch of ledger.store.readAll()) bodies.push(...batch.map(({ body }) => body));
    return new LoggedLedger(bodies, textKeysOf(bodies, ledger));
  }

  /** The signed checkpoint over the first `size` events. */
  checkpoint(signedAt: string, size = this.bodies.length): string {
    const heads = this.#headsAt(size);
    const streamHeads = { count: heads.count, root: heads.root() };
    const root = rootAt(this.#tiles, size);
    const signers = this.beside === undefined ? [this.key] : [this.key, this.beside];
    return signCheckpoint({ origin: this.key.name, size, root, streamHeads, signedAt }, signers);
  }

  /** The receipt for an event under a checkpoint over the first `size` events. */
  receipt(index: number, signedAt: string, size = this.bodies.length): string {
    return formatReceipt({
      body: Buffer.from(this.bodies[index]!),
      index,
      proof: inclusionProof(this.#tiles, index, size),
      checkpoint: this.checkpoint(signedAt, size),
    });
  }

  /** Returns the source of a pack under a checkpoint over the first `size` events. */
  source(signedAt: string, more: Partial<PackSource> = {}, size = this.bodies.length): PackSource {
    const heads = this.#headsAt(size);
    const streams = new Map<string, LoggedEvent[]>();
    for (const [index, body] of this.bodies.slice(0, size).entries()) {
      const { stream } = this.#eventAt(index);
      const known = streams.get(stream);
      if (known === undefined) streams.set(stream, [{ index, body }]);
      else known.push({ index, body });
    }
    return {
      checkpoint: this.checkpoint(signedAt, size),
      sign: (text) => signNote(text, [this.key]),
      stream: (name) => streams.get(name) ?? [],
      inclusionProof: (index) => inclusionProof(this.#tiles, index, size),
      headProof: (stream) => heads.proveHead(stream),
      absenceProof: (stream) => heads.proveAbsence(stream),
      consistencyProof: (from) => consistencyProof(this.#tiles, from, size),
      ...more,
    };
  }

  #headsAt(size: number): StreamHeads {
    const heads = new StreamHeads();
    for (let index = 0; index < size; index += 1) {
      const { stream, revision } = this.#eventAt(index);
      heads.set(stream, { revision, leafHash: this.#leaves[index]! });
    }
    return heads;
  }

  #eventAt(index: number): { readonly stream: string; readonly revision: number } {
    return JSON.parse(this.bodies[index]!) as { stream: string; revision: number };
  }
}

function textKeysOf(bodies: readonly string[], { keys }: TestLedger): TextKeys {
  const texts = new Map<string, ReadonlyMap<string, string>>();
  for (const body of bodies) {
    const { id, personal } = JSON.parse(body) as EventEnvelope;
    if (personal === undefined) continue;
    const key = keys.find(personal[0]!.subject)!;
    texts.set(id, new Map(personal.map(({ text }) => [text, textKeyOf(text, id, key)])));
  }
  return texts;
}
