import type { PackAppeal, PackBalance } from '../computation.js';
import {
  inOne,
  lineOf,
  named,
  pair,
  plain,
  soft,
  term,
  type Block,
  type Figure,
  type Line,
} from './blocks.js';
import { restsOn } from './rulebook-terms.js';
import type { Records } from './records.js';

/** The statement's subject, and both answers. */
export function answerBlocks(records: Records): Block[] {
  const { computation, knownAt, ledgerId } = records.data;
  const { agencyId, now, period, then, zone } = computation;
  const admitted = records.of('AgencyAdmitted').at(-1);
  return [
    { kind: 'title', text: pair('机构扣分证据声明', 'Statement of penalty points') },
    lineOf(
      inOne([
        [...pair('机构', 'agency'), { text: ` ${agencyId}`, heavy: true }],
        admitted === undefined ? [] : records.inLine(admitted, '/name'),
        pair(`${period} 年度`, `points of ${period}`),
        named('所问时点', 'as it stood at', records.instant(now.effectiveAt)),
      ]),
    ),
    lineOf(
      inOne([
        named('账本', 'ledger', ledgerId),
        named('本文所有时刻均为时区', 'all times are in the time zone', zone),
      ]),
    ),
    {
      kind: 'figures',
      figures: [
        figureOf(records, pair('按当时所知', 'as known then'), then, knownAt),
        figureOf(records, pair('按现在所知', 'as known now'), now, now.knownAt),
      ],
    },
    ...standingBlocks(records, now),
  ];
}

function figureOf(
  records: Records,
  title: Figure['title'],
  balance: PackBalance | null,
  knownAt: string,
): Figure {
  const known = soft(`截至 with what was recorded by ${records.instant(knownAt)}`);
  if (balance === null)
    return {
      title,
      beside: [],
      below: [pair('当时账本尚无该机构的记录', 'the ledger knew nothing of the agency'), known],
    };
  return {
    title,
    points: String(balance.balance),
    beside: [
      { text: `分 points / ${balance.threshold} ` },
      { text: '清退线 threshold', tone: 'soft' },
    ],
    below: [term(balance.standing), known],
  };
}

/** A pending expulsion or an expulsion as known now, and what rests on a window. */
function standingBlocks(
  records: Records,
  { contested, expulsion, ifUpheld, nodesReached, pending, rulebook }: PackBalance,
): Block[] {
  const at = (instant: string): string => records.instant(instant);
  return [
    contested > 0
      ? inOne([
          named('申诉中', 'contested', String(contested)),
          named('若申诉成立', 'if upheld', String(ifUpheld)),
        ])
      : [],
    nodesReached.length > 0 ? named('已达处罚节点', 'nodes reached', nodesReached.join(', ')) : [],
    pending === null
      ? []
      : inOne([
          named('待清退自', 'expulsion pending from', at(pending.openedAt)),
          named('最后一次申诉截止', 'last chance to appeal before', at(pending.closesAt)),
          restsOn(
            records,
            records.of('PendingExpulsionOpened').at(-1)?.rulebook ?? rulebook,
            'lastChanceDays',
          ),
        ]),
    expulsion === null
      ? []
      : inOne([
          named('清退自', 'expelled from', at(expulsion.effectiveAt)),
          named('可再入驻自', 're-entry from', at(expulsion.reentryFrom)),
          restsOn(
            records,
            records.of('ExpulsionExecuted').at(-1)?.rulebook ?? rulebook,
            'banDays',
            'banCount',
          ),
          expulsion.supported
            ? pair('积分仍支持该清退', 'its points still support it')
            : pair('现有积分已不支持该清退', 'its points no longer support it'),
        ]),
  ]
    .filter((line) => line.length > 0)
    .map(lineOf);
}

/** The appeal the statement is for: its texts, its clocks with what each rests on, its state. */
export function appealBlocks(records: Records): Block[] {
  const { appeal } = records.data.computation;
  if (appeal === undefined) return [];
  const { appealId, deductionIds, decidedAt, evidenceBy, evidenceSubmittedAt } = appeal;
  const { initiateBy, initiatedAt, recordedAt } = appeal;
  const at = (instant: string): string => records.instant(instant);
  const acts = records.agency.filter(
    ({ data, type }) => type.startsWith('Appeal') && data['appealId'] === appealId,
  );
  const [initiated] = acts;
  const isStated = records
    .of('DeductionImposed', 'DeductionCorrected')
    .some(
      ({ data }) =>
        data['appealDeadline'] === initiateBy &&
        deductionIds.some((id) => id === data['deductionId']),
    );
  const window = appeal.kind === 'last_chance' ? 'lastChanceDays' : 'appealInitiateDays';
  return [
    { kind: 'heading', text: [...pair('申诉', 'Appeal'), { text: ` ${appealId}` }] },
    lineOf(
      inOne([
        term(appeal.kind),
        deductionIds.length === 0
          ? pair('针对清退', 'against the expulsion')
          : named('针对', 'against', deductionIds.join(', ')),
      ]),
    ),
    lineOf(
      inOne([
        named('提起', 'initiated', at(initiatedAt)),
        named('截止', 'to be initiated before', at(initiateBy)),
        isStated
          ? pair('依据 通知所载', 'rests on the notice, which states it')
          : restsOn(records, initiated?.rulebook, window),
        initiatedAt === recordedAt
          ? []
          : named('录入账本', 'recorded in the ledger', at(recordedAt)),
      ]),
    ),
    lineOf(
      inOne([
        named('举证截止', 'evidence before', at(evidenceBy)),
        restsOn(records, initiated?.rulebook, 'appealEvidenceHours'),
        evidenceSubmittedAt === undefined
          ? []
          : named('已举证', 'submitted', at(evidenceSubmittedAt)),
      ]),
    ),
    lineOf(
      inOne([
        decidedAt === undefined
          ? pair('裁定期限以工作日计', 'to be decided within working days')
          : named('裁定', 'decided', at(decidedAt)),
        restsOn(records, initiated?.rulebook, 'appealDecideWorkingDays'),
      ]),
    ),
    lineOf(
      inOne([
        [...pair('当时状态', 'state then'), ...plain(' '), ...stateThen(appeal)],
        [...pair('现在状态', 'state now'), ...plain(' '), ...term(appeal.now ?? 'not_yet_known')],
      ]),
    ),
    ...acts.flatMap((event) => {
      const texts = records.texts(event);
      if (texts.length === 0) return [];
      return [lineOf(inOne([term(event.type), named('记录人', 'by', event.actor)])), ...texts];
    }),
  ];
}

/** An appeal's state as known then. One that was entered late had lapsed for what was not yet. */
function stateThen({ then, evidenceBy, evidenceSubmittedAt }: PackAppeal): Line {
  const isOnlyLate =
    then === 'lapsed' && evidenceSubmittedAt !== undefined && evidenceSubmittedAt < evidenceBy;
  return isOnlyLate
    ? pair('证据当时尚未录入', 'its evidence was not recorded yet')
    : term(then ?? 'not_yet_known');
}
