import { readEnvelope } from '@penalty-ledger/ledger';

/** The loss of checkpoints that a person accepted: an event `DamageAccepted`. */
export interface AcceptedLoss {
  /** Checkpoints that the log lacked then. */
  readonly count: number;
  /** The size of the tree of the largest. */
  readonly upTo: number;
  readonly actor: string;
  readonly recordedAt: string;
}

/** Returns the sizes of the trees that were signed and that the log keeps no checkpoint of. */
export function missingSizes(
  signed: readonly number[],
  kept: ReadonlySet<number>,
): readonly number[] {
  return signed.filter((size) => !kept.has(size));
}

/** Returns the last loss that was accepted, from the events of the stream `ledger`. */
export async function acceptedLoss(
  batches: AsyncIterable<readonly StoredBody[]> | Iterable<readonly StoredBody[]>,
): Promise<AcceptedLoss | undefined> {
  let last: AcceptedLoss | undefined;
  for await (const batch of batches)
    for (const { body = '' } of batch) {
      if (!body.includes('"type":"DamageAccepted"')) continue;
      const event = readEnvelope(body);
      if ('problem' in event || event.type !== 'DamageAccepted') continue;
      const { kind, count, upTo } = event.data;
      const { actor, recordedAt } = event;
      if (kind === 'checkpoints_lost' && typeof count === 'number' && typeof upTo === 'number')
        last = { count, upTo, actor, recordedAt };
    }
  return last;
}

interface StoredBody {
  readonly body?: string | undefined;
}

/**
 * Says of a missing checkpoint whether its loss was accepted. It was for none when more are missing
 * than were then: nobody can tell which went later.
 */
export function isAcceptedIn(
  missing: readonly number[],
  accepted: AcceptedLoss | undefined,
): (size: number) => boolean {
  const { upTo = 0, count = 0 } = accepted ?? {};
  const isWithin = missing.filter((size) => size <= upTo).length <= count;
  return (size) => isWithin && size <= upTo;
}
