import { plusHours, parseInstant } from './instant.js';
import { isExpelling, type Account, type Rulebook } from './rulebook.js';

/** Hours between announcement and effect under which the notice is short (rules §10). */
const fairNoticeHours = 7 * 24;

/** Says how a rulebook is in force too soon after its announcement, if it is. */
export function shortNotice({ announcedAt, effectiveFrom }: Rulebook): string | undefined {
  const [announced, effective] = [parseInstant(announcedAt), parseInstant(effectiveFrom)];
  if (announced === undefined || effective === undefined) return undefined;
  if (effective >= plusHours(announced, fairNoticeHours)) return undefined;
  return `announced ${announcedAt}, in force ${effectiveFrom}: less than 7 days`;
}

/**
 * Finds places in a rulebook that the ledger accepts and its author hardly means
 * (docs/decisions/input.md, Rulebooks).
 */
export function rulebookRemarks(rulebook: Rulebook): readonly string[] {
  const { accounts, announcedAt, effectiveFrom } = rulebook;
  const notice = shortNotice(rulebook);
  const [announced, effective] = [parseInstant(announcedAt), parseInstant(effectiveFrom)];
  return [
    ...tariffRemarks(rulebook),
    ...accounts.flatMap(nodeRemarks),
    ...(announced !== undefined && effective !== undefined && announced > effective
      ? [`announcedAt: ${announcedAt} is after effectiveFrom ${effectiveFrom}; it acts backwards`]
      : []),
    ...(notice === undefined
      ? []
      : [`effectiveFrom: ${notice}; publishing it is found as short_notice`]),
  ];
}

function tariffRemarks({ clauses, parameters }: Rulebook): readonly string[] {
  const [min, max] = [parameters.minPoints.value, parameters.maxPoints.value];
  return clauses.flatMap(({ id, points }) =>
    points === null || (points >= min && points <= max)
      ? []
      : [
          `clauses: "${id}" costs ${String(points)}, and a deduction of fewer than ` +
            `${String(min)} or more than ${String(max)} points is refused; ` +
            'change its points, minPoints or maxPoints',
        ],
  );
}

function nodeRemarks(account: Account): readonly string[] {
  const { id, nodes, threshold } = account;
  return nodes.flatMap(({ points }, index) => {
    const before = nodes[index - 1]?.points ?? 0;
    return [
      ...(points > before
        ? []
        : [
            `accounts: "${id}" has its node at ${String(points)} points after the one at ` +
              `${String(before)}; list nodes ascending`,
          ]),
      ...(isExpelling(account) && points > threshold
        ? [
            `accounts: "${id}" has a node at ${String(points)} points, above its threshold ` +
              `${String(threshold)}, where an expulsion is pending already`,
          ]
        : []),
    ];
  });
}
