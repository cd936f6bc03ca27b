import { both, code, h } from './elements.js';
import { instantIn } from './instants.js';

const pointsOf = (balance) =>
  balance === null
    ? both('当时账本尚无该机构的记录', 'the ledger knew nothing of the agency')
    : both(`${balance} 分`, balance === 1 ? '1 point' : `${balance} points`);

const subjectOf = ({ agencyId, appealId }) =>
  appealId === undefined
    ? both(`机构 ${agencyId}`, `agency ${agencyId}`)
    : both(`机构 ${agencyId} 的申诉 ${appealId}`, `appeal ${appealId} of agency ${agencyId}`);

/**
 * Returns the facts that a pack was verified for (evidence-pack.md, "What a verifier names"), so
 * that the verdict on it is taken for that on no other.
 */
export const verifiedPart = (verified, zone) => {
  const instant = instantIn(zone);
  const { account, balanceNow, balanceThen, checkpoint, keys, ledgerId, period } = verified;
  const { origin, root, signedAt, size } = checkpoint;
  const facts = [
    [both('账本', 'ledger'), code(ledgerId)],
    [both('对象', 'subject'), subjectOf(verified)],
    [
      both('年度', 'period'),
      both(`${period}，计分账户 ${account}`, `${period}, account ${account}`),
    ],
    [both('所问时点', 'as it stood at'), `${instant(verified.effectiveAt)} (${zone})`],
    [both('所知时点', 'as known at'), instant(verified.knownAt)],
    [both('按当时所知', 'balance then'), pointsOf(balanceThen)],
    [both('按现在所知', 'balance now'), pointsOf(balanceNow)],
    [both('密钥指纹', 'key fingerprint'), code(keys.join(', '))],
    [
      both('检查点', 'checkpoint'),
      both(
        `${origin}，共 ${size} 个事件，签署于 ${instant(signedAt)}`,
        `${size === 1 ? '1 event' : `${size} events`} of ${origin}, signed at ${instant(signedAt)}`,
      ),
    ],
    [both('树根', 'root'), code(root)],
  ];
  return h(
    'ul',
    {},
    facts.map(([label, fact]) => h('li', {}, label, ': ', fact)),
  );
};
