import type { PackBalance } from '../computation.js';
import type { DeductionDetail } from '../deduction-details.js';
import {
  headingOf,
  inOne,
  lineOf,
  named,
  pair,
  partOf,
  plain,
  soft,
  term,
  type Block,
  type Line,
} from './blocks.js';
import { recordedOf, recordOfMember, textOfMember, type Records } from './records.js';

/** Every deduction with what it counted then and counts now. */
export function countBlocks(records: Records): Block[] {
  const { deductions, now, then } = records.data.computation;
  const counts = (balance: PackBalance | null, id: string): Line => {
    const isThis = ({ deductionId }: { readonly deductionId: string }): boolean =>
      deductionId === id;
    const line = balance?.lines.find(isThis);
    if (line !== undefined) return plain(String(line.counts));
    return term(balance?.notCounted.find(isThis)?.reason ?? 'not_yet_known');
  };
  const carried = [then?.carriedOver ?? 0, now.carriedOver];
  const none: Line = [];
  const sums = [then === null ? '—' : String(then.balance), String(now.balance)];
  return [
    headingOf(pair('积分构成', 'What the points are made of')),
    {
      kind: 'table',
      columns: [
        { head: pair('扣分', 'deduction'), share: 24 },
        { head: pair('生效', 'in effect from'), share: 24 },
        { head: pair('分值', 'points'), share: 13, align: 'right' },
        { head: pair('按当时所知', 'as known then'), share: 21, align: 'right' },
        { head: pair('按现在所知', 'as known now'), share: 21, align: 'right' },
      ],
      rows: [
        ...(carried.some((points) => points > 0)
          ? [[pair('上年结转', 'carried over'), none, none, ...carried.map(String).map(plain)]]
          : []),
        ...deductions.map(({ deductionId, effectiveAt, points }) => [
          plain(deductionId),
          plain(records.instant(effectiveAt)),
          plain(String(points)),
          counts(then, deductionId),
          counts(now, deductionId),
        ]),
        [
          [{ text: '合计', heavy: true }, ...soft(' sum')],
          none,
          none,
          ...sums.map((text) => [{ text, heavy: true }]),
        ],
      ],
    },
  ];
}

/** Each deduction: its clause, basis, recorder and time, its texts, what was decided on it. */
export function deductionBlocks(records: Records): Block[] {
  const { deductions } = records.data.computation;
  return [
    headingOf(pair('逐项说明', 'Each point explained')),
    ...(deductions.length === 0
      ? [lineOf(pair('该年度无扣分。', 'There are no deductions of this period.'))]
      : deductions.flatMap((deduction) => explained(records, deduction))),
    ...((records.data.disclosed ?? []).length > 0
      ? [
          lineOf(
            pair(
              '底色文字在记录时已封存；证据包附有各段文字的密钥，可证明其未被更改。',
              'Texts on a ground were sealed when they were recorded; ' +
                'the pack has the key of each, which proves that it is unchanged.',
            ),
          ),
        ]
      : []),
  ];
}

function explained(records: Records, deduction: DeductionDetail): Block[] {
  const { clauses } = records.data.computation;
  const { actor, appeals, clause: id, corrections, creatorId, decisions } = deduction;
  const { deductionId, effectiveAt, eventId, findings, noticeSha256, notifiedAt } = deduction;
  const { basis, occurredAt, points, recordedAt, revision, rulebook } = deduction;
  const clause = clauses.find((each) => each.clause === id && each.sha256 === rulebook?.sha256);
  const imposed = records.at(revision);
  const at = (instant: string): string => records.instant(instant);
  const deadline = textOfMember(imposed?.data ?? {}, 'appealDeadline');
  const lines: Line[] = [
    clause === undefined ? [] : pair(clause.text.zh, clause.text.en),
    named(
      '依据规则',
      'rulebook',
      `${rulebook?.id ?? ''} ${rulebook?.rulebookVersion ?? ''} § ${id}`,
    ),
    inOne([
      basis === undefined ? [] : basisOf(basis),
      creatorId === undefined ? [] : named('达人', 'creator', creatorId),
      imposed?.data['automated'] === true
        ? pair('平台称由系统自动作出', 'the platform says that no person took part')
        : [],
    ]),
    inOne([
      named('违规', 'happened', at(occurredAt)),
      named('生效', 'in effect', at(effectiveAt)),
      notifiedAt === undefined ? [] : named('送达', 'notice served', at(notifiedAt)),
      deadline === '' ? [] : named('通知所载申诉截止', 'to be appealed before', at(deadline)),
    ]),
    inOne([
      recordedOf(records, { recordedAt, revision, stream: 'agency-' }),
      named('记录人', 'by', actor),
      named('事件', 'event', eventId),
    ]),
    noticeSha256 === undefined ? [] : named('通知文件', 'notice, SHA-256', noticeSha256),
  ];
  return [
    {
      kind: 'item',
      text: inOne([
        [
          { text: deductionId, heavy: true },
          { text: ` · ${points} 分`, heavy: true, tone: 'points' },
          ...soft(' points'),
        ],
        clause === undefined ? [] : pair(clause.title.zh, clause.title.en),
      ]),
    },
    ...lines.filter((line) => line.length > 0).map(partOf),
    ...records.texts(imposed),
    ...corrections.flatMap((correction) => {
      const event = records.at(correction.revision);
      return [
        partOf(
          inOne([
            pair('录入更正', 'entry corrected'),
            recordedOf(records, { ...correction, stream: 'agency-' }),
            event === undefined ? [] : named('更正人', 'by', event.actor),
          ]),
        ),
        ...records.texts(event),
      ];
    }),
    ...decisions.flatMap((decision) => [
      partOf(
        inOne([
          [
            ...term(decision.kind),
            { text: `，计 ${decision.points} 分` },
            ...soft(` counts ${decision.points}`),
          ],
          recordedOf(records, { ...decision, stream: 'agency-' }),
          named('裁定人', 'by', decision.actor),
          decision.appealId === undefined ? [] : named('申诉', 'appeal', decision.appealId),
        ]),
      ),
      ...records.texts(records.at(decision.revision)),
    ]),
    ...appeals.map(({ appealId, kind, state }) =>
      partOf(inOne([[...term(kind), { text: ` ${appealId}` }], term(state)])),
    ),
    ...findings.map((code) =>
      partOf([...pair('发现', 'finding'), { text: ` ${code} ` }, ...term(code)]),
    ),
  ];
}

function basisOf(basis: NonNullable<DeductionDetail['basis']>): Line {
  const data = recordOfMember({ basis }, 'basis');
  const id = ['month', 'complaintId', 'sessionId'].map((name) => textOfMember(data, name)).join('');
  return [...pair('事实依据', 'rests on'), { text: ' ' }, ...term(basis.kind), { text: ` ${id}` }];
}
