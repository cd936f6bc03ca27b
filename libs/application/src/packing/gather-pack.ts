import { setImmediate as nextTurn } from 'node:timers/promises';
import { IntegrityError, StoreLockedError } from '@penalty-ledger/event-store';
import type { Assessed, LoggedEvent } from '@penalty-ledger/evidence';
import {
  agencyStream,
  eventIn,
  evidenceStream,
  ledgerStream,
  textKeyOf,
  readEvent,
  rulebooksStream,
  type EvidenceSubjectReference,
} from '@penalty-ledger/ledger';
import type { AbsenceProof, Hash, HeadProof, SignerKey } from '@penalty-ledger/merkle-log';
import { NotYetSignedError, type SignedTree } from '@penalty-ledger/sequencer';
import type { KeyStore } from '../keys/key-store.js';
import type { OpenedLog } from '../signing/open-log.js';
import { gatherAssessed, type Taking } from './gather-assessed.js';
import type { GatheredPack } from './gathered-pack.js';
import { PackRefusedError, type PackWanted } from './pack-wanted.js';

/**
 * Works with a ledger's log exclusively. Between two calls others have their turn, and the log may
 * grow.
 */
export type LogTurn = <Result>(work: (log: OpenedLog) => Promise<Result>) => Promise<Result>;

/** The options of gathering a pack. */
export interface Gather {
  /**
   * Says whether the requester may see the evidence registered about a subject; everything by
   * default.
   */
  readonly maySee?: (about: EvidenceSubjectReference) => Promise<boolean>;
  /**
   * Names the creators that were ever bound to an agency. Without it no pack holds what its
   * assessments rest on.
   */
  readonly creatorsOf?: (agencyId: string) => Promise<readonly string[]>;
  /** Leaves out bindings to other agencies: the requester may not see them. */
  readonly ownBindingsOnly?: boolean;
  /** Events so far, of those known to be needed. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Ends the gathering between two turns. */
  readonly signal?: AbortSignal;
}

/**
 * The number of signed checkpoints that a pack follows from, counted from the latest: about 1.5 kB
 * each.
 */
const earlierCheckpoints = 100;

/**
 * Events taken in one turn at the log: a proof for another requester waits for no more. Each took
 * 1.2 ms on two cores with four times the work they can do.
 */
const eventsATurn = 20;

/**
 * Gathers from a ledger's log what a pack is built from, under a checkpoint signed for all of it. A
 * node that may not sign takes the latest published one.
 *
 * @throws PackRefusedError `unknown_agency`; `unknown_evidence`, also for what the requester may
 * not see
 * @throws NotYetSignedError on a node that may not sign, before the first signature
 * @throws SigningKeyLostError, KeysUnreadableError when the ledger's key is not to be had here
 * @throws IntegrityError when the log contradicts the store
 */
export async function gatherPack(
  turn: LogTurn,
  wanted: PackWanted,
  gather: Gather = {},
): Promise<GatheredPack> {
  const { agencyId } = wanted.subject;
  const { evidenceIds = [] } = wanted;
  const gathering = new Gathering(turn, await turn(signedLog), gather);
  await gathering.take(ledgerStream, { limit: 1 });
  await gathering.take(rulebooksStream);
  const agency = await gathering.take(agencyStream(agencyId), { disclose: wanted.disclose });
  if (agency.length === 0)
    throw new PackRefusedError(
      'unknown_agency',
      { en: `no agency "${agencyId}" was recorded`, zh: `未记录机构 "${agencyId}"` },
      agencyId,
    );
  for (const evidenceId of new Set([...agency.flatMap(submittedIn), ...evidenceIds])) {
    const isAsked = evidenceIds.includes(evidenceId);
    const [registered] = await gathering.take(evidenceStream(evidenceId), {
      disclose: wanted.disclose,
    });
    const isShown = registered === undefined ? !isAsked : await maySee(registered, gather);
    if (!isShown)
      throw new PackRefusedError(
        'unknown_evidence',
        { en: `no evidence "${evidenceId}" was registered`, zh: `未登记证据 "${evidenceId}"` },
        evidenceId,
      );
  }
  const { creatorsOf, ownBindingsOnly } = gather;
  const assessed =
    creatorsOf &&
    (await gatherAssessed(gathering, wanted, { agency, creatorsOf, ownBindingsOnly }));
  return gathering.finish(assessed);
}

/** A tree that was signed for, and the key that will sign the pack. */
interface SignedLog {
  readonly tree: SignedTree;
  readonly signer: SignerKey;
}

/** Signs for everything recorded so far, where this node may. */
async function signedLog(log: OpenedLog): Promise<SignedLog> {
  try {
    await log.checkpoint();
  } catch (error) {
    if (!(error instanceof StoreLockedError)) throw error;
  }
  const { latest } = log.sequencer;
  if (latest === undefined)
    throw new NotYetSignedError({ en: 'no checkpoint was signed yet', zh: '尚未签署检查点' });
  // Before anything is gathered: without the key there is no pack.
  return { tree: latest, signer: log.signer };
}

async function maySee({ body }: LoggedEvent, gather: Gather): Promise<boolean> {
  if (gather.maySee === undefined) return true;
  return gather.maySee(eventIn('evidence', readEvent({ body })).data.subject);
}

/** The part of a stream that is taken. */
interface Take {
  /** The number of events that are taken at most. */
  readonly limit?: number;
  readonly disclose?: boolean | undefined;
}

/** Takes streams out of a log, with what proves them. */
class Gathering implements Taking {
  readonly #streams = new Map<string, readonly LoggedEvent[]>();
  readonly #inclusion = new Map<number, readonly Hash[]>();
  readonly #heads = new Map<string, HeadProof>();
  readonly #absences = new Map<string, AbsenceProof>();
  readonly #textKeys = new Map<string, ReadonlyMap<string, string>>();
  #done = 0;
  #of = 0;

  constructor(
    private readonly turn: LogTurn,
    private readonly signed: SignedLog,
    private readonly gather: Gather,
  ) {}

  /** The events of a stream that the checkpoint covers, with the proof that there are no others. */
  async take(
    stream: string,
    { limit = Infinity, disclose = false }: Take = {},
  ): Promise<readonly LoggedEvent[]> {
    const wanted = Math.min(await this.length(stream), limit);
    this.#of += wanted;
    const events: LoggedEvent[] = [];
    while (events.length < wanted) {
      const least = Math.min(eventsATurn, wanted - events.length);
      const some = await this.#inTurn((log) =>
        this.#some(log, stream, events.length, least, disclose),
      );
      if (some.length === 0)
        throw new IntegrityError(
          {
            en: 'it ends before what the checkpoint has as its end',
            zh: '它的末尾早于检查点中的末尾',
          },
          { stream },
        );
      events.push(...some);
      this.#done += some.length;
      this.gather.onProgress?.(this.#done, this.#of);
    }
    this.#streams.set(stream, events);
    return events;
  }

  get taken(): readonly LoggedEvent[] {
    return [...this.#streams.values()].flat();
  }

  async finish(assessed: Assessed | undefined): Promise<GatheredPack> {
    const { size } = this.signed.tree.checkpoint;
    return {
      checkpoint: this.signed.tree.note,
      streams: this.#streams,
      ...(assessed !== undefined && { assessed }),
      inclusion: this.#inclusion,
      heads: this.#heads,
      absences: this.#absences,
      consistency: await this.#inTurn(({ sequencer }) => {
        const sizes = sequencer.checkpoints.map((kept) => kept.size).filter((from) => from < size);
        const proved = sizes
          .slice(-earlierCheckpoints)
          .map((from) => [from, sequencer.consistencyProof(from, size)]);
        return Promise.resolve(new Map(proved as [number, readonly Hash[]][]));
      }),
      textKeys: this.#textKeys,
      signer: this.signed.signer,
    };
  }

  length(stream: string): Promise<number> {
    return this.#inTurn(async ({ sequencer }) => {
      try {
        const { head, proof } = await sequencer.proveHead(stream, this.signed.tree);
        this.#heads.set(stream, proof);
        return head.revision + 1;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#absences.set(stream, await sequencer.proveAbsence(stream, this.signed.tree));
        return 0;
      }
    });
  }

  async #some(
    { keys, sequencer, store }: OpenedLog,
    stream: string,
    from: number,
    limit: number,
    disclose: boolean,
  ): Promise<readonly LoggedEvent[]> {
    const some: LoggedEvent[] = [];
    if (disclose) keys.refresh();
    for await (const batch of store.readStream(stream, { from, batchSize: limit })) {
      for (const { revision, body } of batch) {
        if (some.length === limit) return some;
        const { index, proof } = await sequencer.inclusionProofOf(
          stream,
          revision,
          this.signed.tree,
        );
        this.#inclusion.set(index, proof);
        some.push({ index, body });
        if (disclose) this.#deriveKeys(body, keys);
      }
    }
    return some;
  }

  /** Derives the keys of an event's texts; what has no key any more stays sealed. */
  #deriveKeys(body: string, keys: KeyStore): void {
    const { id, personal = [] } = readEvent({ body });
    const textKeys = personal.flatMap(({ subject, text }): [string, string][] => {
      const key = keys.find(subject);
      return key === undefined ? [] : [[text, textKeyOf(text, id, key)]];
    });
    if (textKeys.length > 0) this.#textKeys.set(id, new Map(textKeys));
  }

  async #inTurn<Result>(work: (log: OpenedLog) => Promise<Result>): Promise<Result> {
    this.gather.signal?.throwIfAborted();
    const result = await this.turn(work);
    // Reading from a file answers without ever waiting: others, and requests that came meanwhile,
    // go on only now.
    await nextTurn();
    return result;
  }
}

function submittedIn({ body }: LoggedEvent): readonly string[] {
  const { type, data } = readEvent({ body });
  return type === 'AppealEvidenceSubmitted' ? data.items.map(({ evidenceId }) => evidenceId) : [];
}
