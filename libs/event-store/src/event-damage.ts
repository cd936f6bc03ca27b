import { errorInBoth, joined, type InBoth } from '@penalty-ledger/ledger';
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
export function damageOf({ damage, place }: IntegrityError, leafHash?: string): EventDamage {
  return { problem: damage, ...place, ...(leafHash !== undefined && { leafHash }) };
}

/** Reports a damage to a reader that goes on, and throws it for one that does not. */
export function reportDamage(damage: EventDamage, onDamage: OnDamage | undefined): void {
  if (onDamage === undefined) throw damageError(damage);
  onDamage(damage);
}

/** The damage in one sentence: the place, the problem, and the leaf hash as far as it is known. */
export function damageText(damage: EventDamage): InBoth {
  const { revision, lastRevision, leafHash } = damage;
  const parts = [errorInBoth(damageError(damage))];
  if (lastRevision === undefined || revision === undefined || lastRevision <= revision)
    parts.push(hashText({ en: 'its leaf hash', zh: '其叶哈希' }, leafHash));
  else
    parts.push(
      {
        en: `revisions ${revision} to ${lastRevision} are missing`,
        zh: `缺失流内序号 ${revision} 至 ${lastRevision}`,
      },
      hashText(
        {
          en: `the leaf hash of revision ${lastRevision}`,
          zh: `流内序号 ${lastRevision} 的叶哈希`,
        },
        leafHash,
      ),
    );
  return joined(parts);
}

function hashText(whose: InBoth, leafHash: string | undefined): InBoth {
  return leafHash === undefined
    ? {
        en: `${whose.en} is not known from the events`,
        zh: `${whose.zh}无法从事件得知`,
      }
    : { en: `${whose.en} is ${leafHash}`, zh: `${whose.zh}为 ${leafHash}` };
}
