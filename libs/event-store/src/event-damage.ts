import { IntegrityError } from './errors.js';
import type { EventDamage, OnDamage } from './event-store.js';

export type { EventDamage, OnDamage };

/** The error of a damage, for a reader that stops at it. */
export function damageError({ problem, stream, revision, position }: EventDamage): IntegrityError {
  return new IntegrityError(problem, {
    ...(stream !== undefined && { stream }),
    ...(revision !== undefined && { revision }),
    ...(position !== undefined && { position }),
  });
}

/** The damage that an error tells of. */
export function damageOf({ problem, place }: IntegrityError, leafHash?: string): EventDamage {
  return { problem, ...place, ...(leafHash !== undefined && { leafHash }) };
}

/** Reports a damage to a reader that goes on, and throws it for one that does not. */
export function reportDamage(damage: EventDamage, onDamage: OnDamage | undefined): void {
  if (onDamage === undefined) throw damageError(damage);
  onDamage(damage);
}

/** The damage in one sentence: the place, the problem, and the leaf hash as far as it is known. */
export function damageText(damage: EventDamage): string {
  const { revision, lastRevision, leafHash } = damage;
  const { message } = damageError(damage);
  const several = lastRevision !== undefined && revision !== undefined && lastRevision > revision;
  const range = several ? `; revisions ${revision} to ${lastRevision} are missing` : '';
  const whose = several ? `the leaf hash of revision ${lastRevision}` : 'its leaf hash';
  const hash = leafHash === undefined ? 'is not known from the events' : `is ${leafHash}`;
  return `${message}${range}; ${whose} ${hash}`;
}
