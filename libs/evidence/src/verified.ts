import { counted, type Instant } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger/in-both';
import type { OpenedCheckpoint, VerifierKey } from '@penalty-ledger/merkle-log';
import type { Computation } from './computation.js';
import type { Manifest } from './manifest.js';

/**
 * The facts that a pack that holds was verified for (`docs/spec/evidence-pack.md`, "What a verifier
 * names"), so that nobody takes the verdict on one pack for that on another.
 */
export interface Verified {
  readonly ledgerId: string;
  readonly agencyId: string;
  readonly appealId?: string;
  readonly period: string;
  readonly account: string;
  readonly effectiveAt: string;
  readonly knownAt: string;
  /** The balance as known at `knownAt`; null when the agency was not known. */
  readonly balanceThen: number | null;
  /** The balance as known when the checkpoint was signed. */
  readonly balanceNow: number;
  /** The fingerprints of the keys that signed the manifest: `name+id`. */
  readonly keys: readonly string[];
  readonly checkpoint: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly signedAt: string;
  };
}

/** Returns the facts of a pack of which every step holds. */
export function verifiedIn(
  { account, effectiveAt, knownAt, ledgerId, period, subject }: Manifest,
  { now, then }: Computation,
  signedBy: readonly VerifierKey[],
  { origin, root, signedAt, size }: OpenedCheckpoint,
): Verified {
  return {
    ...{ ledgerId, ...subject, period, account, effectiveAt, knownAt },
    balanceThen: then?.balance ?? null,
    balanceNow: now.balance,
    keys: signedBy.map(({ name, keyId }) => `${name}+${keyId}`),
    checkpoint: { origin, size, root, signedAt },
  };
}

/** Writes the facts for people, each with its label. */
export function verifiedLines(
  verified: Verified,
  at: (instant: Instant) => string,
): readonly (readonly [label: InBoth, text: InBoth])[] {
  const { account, agencyId, appealId, balanceNow, balanceThen, checkpoint, keys } = verified;
  const same = (text: string): InBoth => ({ en: text, zh: text });
  const when = (instant: string): InBoth => same(at(instant as Instant));
  const { origin, root, signedAt, size } = checkpoint;
  return [
    [{ en: 'ledger', zh: '账本' }, same(verified.ledgerId)],
    [
      { en: 'subject', zh: '对象' },
      appealId === undefined
        ? { en: `agency ${agencyId}`, zh: `机构 ${agencyId}` }
        : {
            en: `appeal ${appealId} of agency ${agencyId}`,
            zh: `机构 ${agencyId} 的申诉 ${appealId}`,
          },
    ],
    [
      { en: 'period', zh: '年度' },
      {
        en: `${verified.period}, account ${account}`,
        zh: `${verified.period} 年度，计分账户 ${account}`,
      },
    ],
    [{ en: 'as it stood at', zh: '所问时点' }, when(verified.effectiveAt)],
    [{ en: 'as known at', zh: '所知时点' }, when(verified.knownAt)],
    [
      { en: 'balance then', zh: '按当时所知' },
      balanceThen === null
        ? { en: 'the agency was not recorded yet', zh: '当时尚未记录该机构' }
        : points(balanceThen),
    ],
    [{ en: 'balance now', zh: '按现在所知' }, points(balanceNow)],
    [{ en: 'key fingerprint', zh: '密钥指纹' }, same(keys.join(', '))],
    [
      { en: 'checkpoint', zh: '检查点' },
      {
        en: `${counted(size, 'event')} of ${origin}, signed at ${at(signedAt as Instant)}`,
        zh: `${origin}，共 ${size} 个事件，签署于 ${at(signedAt as Instant)}`,
      },
    ],
    [{ en: 'root', zh: '树根' }, same(root)],
  ];
}

function points(balance: number): InBoth {
  return { en: counted(balance, 'point'), zh: `${balance} 分` };
}
