import type { InBoth } from './in-both.js';
import { plusHours, parseInstant } from './instant.js';
import { isExpelling, type Account, type Rulebook } from './rulebook.js';

/** Hours between announcement and effect under which the notice is short (rules §10). */
const fairNoticeHours = 7 * 24;

/** Says how a rulebook is in force too soon after its announcement, if it is. */
export function shortNotice({ announcedAt, effectiveFrom }: Rulebook): InBoth | undefined {
  const [announced, effective] = [parseInstant(announcedAt), parseInstant(effectiveFrom)];
  if (announced === undefined || effective === undefined) return undefined;
  if (effective >= plusHours(announced, fairNoticeHours)) return undefined;
  return {
    en: `announced ${announcedAt}, in force ${effectiveFrom}: less than 7 days`,
    zh: `公示于 ${announcedAt}，施行于 ${effectiveFrom}：不足 7 天`,
  };
}

/**
 * Finds places in a rulebook that the ledger accepts and its author hardly means
 * (docs/decisions/input.md, Rulebooks).
 */
export function rulebookRemarks(rulebook: Rulebook): readonly InBoth[] {
  const { accounts, announcedAt, effectiveFrom } = rulebook;
  const notice = shortNotice(rulebook);
  const [announced, effective] = [parseInstant(announcedAt), parseInstant(effectiveFrom)];
  return [
    ...tariffRemarks(rulebook),
    ...accounts.flatMap(nodeRemarks),
    ...(announced !== undefined && effective !== undefined && announced > effective
      ? [
          {
            en:
              `announcedAt: ${announcedAt} is after effectiveFrom ${effectiveFrom}; it acts ` +
              'backwards',
            zh: `announcedAt：${announcedAt} 晚于 effectiveFrom ${effectiveFrom}；规则溯及既往`,
          },
        ]
      : []),
    ...(notice === undefined
      ? []
      : [
          {
            en: `effectiveFrom: ${notice.en}; publishing it is found as short_notice`,
            zh: `effectiveFrom：${notice.zh}；发布时会有发现 short_notice`,
          },
        ]),
  ];
}

function tariffRemarks({ clauses, parameters }: Rulebook): readonly InBoth[] {
  const [min, max] = [parameters.minPoints.value, parameters.maxPoints.value];
  return clauses.flatMap(({ id, points }) =>
    points === null || (points >= min && points <= max)
      ? []
      : [
          {
            en:
              `clauses: "${id}" costs ${String(points)}, and a deduction of fewer than ` +
              `${String(min)} or more than ${String(max)} points is refused; ` +
              'change its points, minPoints or maxPoints',
            zh:
              `clauses："${id}" 规定扣 ${String(points)} 分，` +
              `而少于 ${String(min)} 分或多于 ${String(max)} 分的扣分会被拒绝；请修改其分值、` +
              'minPoints 或 maxPoints',
          },
        ],
  );
}

function nodeRemarks(account: Account): readonly InBoth[] {
  const { id, nodes, threshold } = account;
  return nodes.flatMap(({ points }, index) => {
    const before = nodes[index - 1]?.points ?? 0;
    return [
      ...(points > before
        ? []
        : [
            {
              en:
                `accounts: "${id}" has its node at ${String(points)} points after the one at ` +
                `${String(before)}; list nodes ascending`,
              zh:
                `accounts："${id}" 的 ${String(points)} 分节点排在 ${String(before)} ` +
                '分节点之后；请按升序排列节点',
            },
          ]),
      ...(isExpelling(account) && points > threshold
        ? [
            {
              en:
                `accounts: "${id}" has a node at ${String(points)} points, above its threshold ` +
                `${String(threshold)}, where an expulsion is pending already`,
              zh:
                `accounts："${id}" 的 ${String(points)} 分节点高于清退线 ${String(threshold)} ` +
                '分，此时已为待清退',
            },
          ]
        : []),
    ];
  });
}
