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
import { itemsIn } from './complaint-events.js';
import {
  effectOf,
  numberOfMember,
  recordedOf,
  recordOfMember,
  textOfMember,
  textsOfMember,
  type QuotedEvent,
  type Records,
} from './records.js';
import { restsOn } from './rulebook-terms.js';

/** Our own assessments of the months of the period, and of those that a deduction rests on. */
export function assessmentBlocks(records: Records): Block[] {
  const { deductions, period } = records.data.computation;
  const restedOn = deductions.flatMap(({ basis }) =>
    basis?.kind === 'assessment' ? [basis.month] : [],
  );
  const computed = records.of('AssessmentComputed').filter(({ data }) => {
    const month = textOfMember(data, 'month');
    return month.startsWith(period) || restedOn.includes(month);
  });
  const months = new Set(computed.map(({ data }) => textOfMember(data, 'month')));
  const missing = [...new Set(restedOn)].filter((month) => !months.has(month));
  if (computed.length === 0 && missing.length === 0) return [];
  return [
    headingOf(pair('本账本的考核测算', 'Our assessment of the months')),
    ...computed.flatMap((event) => assessed(records, event)),
    ...missing.map((month) =>
      lineOf([
        { text: month, heavy: true },
        ...soft(' · '),
        ...pair(
          '本账本未作测算：扣分只依据平台通知',
          'the ledger computed nothing of this month: the deduction rests on the notice alone',
        ),
      ]),
    ),
  ];
}

function assessed(records: Records, event: QuotedEvent): Block[] {
  const { data, rulebook } = event;
  const number = (name: string): number => numberOfMember(data, name);
  const [active, base, rate, least] = ['active', 'base', 'rate', 'headcountMin'].map(number);
  const sessions = recordOfMember(data, 'sessions');
  const alternative = recordOfMember(data, 'alternative');
  const [reached, asked] = [100 * (active ?? 0), (rate ?? 0) * (base ?? 0)];
  return [
    {
      kind: 'item',
      text: inOne([
        [{ text: textOfMember(data, 'month'), heavy: true }],
        term(textOfMember(data, 'verdict')),
        ...textsOfMember(data, 'reasons').map(term),
      ]),
    },
    partOf([
      ...pair('活跃达人 ÷ 月末达人', "active of the creators at the month's end"),
      { text: ` ${active} ÷ ${base}：100 × ${active} = ${reached} ` },
      { text: `${sign(reached, asked)} ${rate} × ${base} = ${asked}`, heavy: true },
    ]),
    partOf([
      ...pair('月末达人', "creators at the month's end"),
      { text: ` ${base} ` },
      { text: `${sign(base ?? 0, least ?? 0)} ${least}`, heavy: true },
    ]),
    partOf(
      inOne([
        named('场次', 'sessions', textOfMember(sessions, 'count')),
        named('其中有效', 'of them effective', textOfMember(sessions, 'effective')),
        named('与他场重叠', 'of these overlapping', textOfMember(sessions, 'overlapping')),
        named('每人至少', 'for each creator at least', textOfMember(data, 'minSessions')),
      ]),
    ),
    partOf(
      named('场次编号清单', "hash of the sessions' ids, SHA-256", textOfMember(sessions, 'sha256')),
    ),
    ...countedFrom(records, event),
    ...('verdict' in alternative
      ? [
          partOf(
            inOne([
              pair('按月末施行的版本', "under the version in force at the month's end"),
              term(textOfMember(alternative, 'verdict')),
              ...textsOfMember(alternative, 'reasons').map(term),
            ]),
          ),
        ]
      : []),
    partOf(
      inOne([
        recordedOf(records, event),
        restsOn(
          records,
          rulebook,
          'activityRate',
          'headcountMin',
          'activityMinEffectiveSessions',
          'effectiveSessionMinutes',
        ),
      ]),
    ),
  ];
}

/** The creators and sessions that an assessment was counted from, or why they are not here. */
function countedFrom(records: Records, event: QuotedEvent): Block[] {
  const { assessments = [] } = records.data.computation;
  const month = assessments.find((each) => each.month === event.data['month']);
  if (month === undefined)
    return [
      partOf(
        pair(
          '所依据的场次不在本包内：为数过多、有的记在其他机构名下，或未被扣分援引',
          'the sessions are not in this pack: they are too many, some were recorded for another ' +
            'agency, or no deduction of the case rests on them',
        ),
      ),
    ];
  if (month.revision !== event.revision)
    return [
      partOf(
        pair(
          '其后又作测算，所依据的场次列于最后一次',
          'computed again later: the sessions are listed with the last computation',
        ),
      ),
    ];
  const at = (instant: string): string => records.instant(instant);
  const least = numberOfMember(event.data, 'minSessions');
  const isActive = (effective: number): Line =>
    effective < least ? pair('否', 'no') : pair('是', 'yes');
  return [
    {
      kind: 'table',
      columns: [
        { head: pair('达人', 'creator'), share: 30 },
        { head: pair('月末在册', "bound at the month's end"), share: 25 },
        { head: pair('场次', 'sessions'), share: 14, align: 'right' },
        { head: pair('有效', 'effective'), share: 14, align: 'right' },
        { head: pair('活跃', 'active'), share: 17 },
      ],
      rows: month.creators.map(({ creatorId, effective, inBase, sessions }) => [
        plain(creatorId),
        inBase ? pair('是', 'yes') : pair('否', 'no'),
        plain(String(sessions.length)),
        plain(String(effective)),
        isActive(effective),
      ]),
    },
    {
      kind: 'table',
      columns: [
        { head: pair('场次', 'session'), share: 28 },
        { head: pair('达人', 'creator'), share: 22 },
        { head: pair('开始', 'started'), share: 20 },
        { head: pair('结束', 'ended'), share: 20 },
        { head: pair('有效', `effective: ${month.minutes} min`), share: 15 },
      ],
      rows: month.creators.flatMap(({ creatorId, sessions }) =>
        sessions.map(({ corrections, effective, endedAt, sessionId, startedAt }) => [
          [{ text: sessionId }, ...soft(corrections === 0 ? '' : ` (${corrections})`)],
          plain(creatorId),
          plain(at(startedAt)),
          plain(at(endedAt)),
          effective ? pair('是', 'yes') : pair('否', 'no'),
        ]),
      ),
    },
    lineOf(
      soft(
        '括号内为该场次被更正的次数；达人绑定与场次的原始记录及其证明均在本包内。 ' +
          'In brackets: how often a session was corrected. The records of sessions and bindings, ' +
          'with their proofs, are in this pack.',
      ),
    ),
  ];
}

function sign(left: number, right: number): string {
  return left < right ? '<' : '>=';
}

/** Measures of the platform, and requests that a person look at a decision. */
export function measureBlocks(records: Records): Block[] {
  const measures = records.of('MeasureImposed');
  const reviews = records.of('HumanReviewRequested');
  if (measures.length === 0 && reviews.length === 0) return [];
  return [
    headingOf(pair('处置措施与人工判定', 'Measures and human review')),
    ...measures.flatMap((event) => {
      const { data } = event;
      const until = textOfMember(data, 'until');
      const deduction = textOfMember(data, 'deductionId');
      return [
        {
          kind: 'item' as const,
          text: inOne([
            [{ text: textOfMember(data, 'measureId'), heavy: true }],
            term(textOfMember(data, 'kind')),
          ]),
        },
        partOf(
          inOne([
            named('生效', 'in effect', records.instant(effectOf(event))),
            until === ''
              ? pair('未载明期限', 'no term is stated')
              : named('至', 'until', records.instant(until)),
            deduction === '' ? [] : named('随扣分', 'with the deduction', deduction),
            data['automated'] === true
              ? pair('平台称由系统自动作出', 'the platform says that no person took part')
              : [],
          ]),
        ),
        ...recorder(records, event),
        ...answersTo(records, 'MeasureLifted', 'measureId', event, [...pair('解除', 'lifted')]),
      ];
    }),
    ...reviews.flatMap((event) => {
      const { data } = event;
      const about = textOfMember(data, 'deductionId') + textOfMember(data, 'measureId');
      return [
        {
          kind: 'item' as const,
          text: inOne([
            [{ text: textOfMember(data, 'reviewId'), heavy: true }],
            term('HumanReviewRequested'),
            named('针对', 'about', about),
          ]),
        },
        ...recorder(records, event),
        ...answersTo(records, 'HumanReviewAnswered', 'reviewId', event, [
          ...pair('答复', 'answered'),
        ]),
      ];
    }),
  ];
}

function recorder(records: Records, event: QuotedEvent): Block[] {
  return [
    partOf(inOne([recordedOf(records, event), named('记录人', 'by', event.actor)])),
    ...records.texts(event),
  ];
}

/** The events that ended a measure or answered a request. */
function answersTo(
  records: Records,
  type: string,
  member: string,
  { data }: QuotedEvent,
  said: Line,
): Block[] {
  const answers = records.of(type).filter((each) => each.data[member] === data[member]);
  if (answers.length === 0) return [];
  return answers.flatMap((event) => [
    partOf(
      inOne([
        [...said, { text: ` ${records.instant(effectOf(event))}` }],
        term(textOfMember(event.data, 'outcome')),
      ]),
    ),
    ...recorder(records, event),
  ]);
}

/** The files that the events register or submit, with what shows that a file is the one. */
export function fileBlocks(records: Records): Block[] {
  const attached = new Set<unknown>(records.data.attachments);
  const rows: (readonly Line[])[] = [];
  const add = (event: QuotedEvent, data: QuotedEvent['data'], about: Line, title: string): void => {
    const sha256 = textOfMember(data, 'sha256');
    const name = textOfMember(records.data.fileNames ?? {}, sha256);
    rows.push([
      [
        { text: `${textOfMember(data, 'evidenceId')} ` },
        ...records.inLine(event, title),
        ...(name === '' ? [] : [...soft(' · '), ...named('文件', 'file', name)]),
      ],
      about,
      [{ text: textOfMember(data, 'mediaType') }],
      plain(sha256),
      [{ text: records.instant(event.recordedAt) }],
      attached.has(sha256)
        ? pair('是', 'yes')
        : records.isOfComplaint(event)
          ? pair('否：述及投诉', 'no: it tells of a complaint')
          : pair('否：出具方未随附', 'no: who made this pack left it out'),
    ]);
  };
  for (const event of records.elsewhere('EvidenceRegistered')) {
    const subject = recordOfMember(event.data, 'subject');
    const about = [
      ...term(textOfMember(subject, 'kind')),
      { text: ` ${textOfMember(subject, 'id')}` },
    ];
    add(event, event.data, about, '/title');
  }
  for (const event of records.of('AppealEvidenceSubmitted'))
    for (const [at, item] of itemsIn(event.data).entries()) {
      const about = [...term('appeal'), { text: ` ${textOfMember(event.data, 'appealId')}` }];
      add(event, item, about, `/titles/${at}`);
    }
  if (rows.length === 0) return [];
  return [
    headingOf(pair('登记与提交的证据文件', 'Evidence files registered and submitted')),
    {
      kind: 'table',
      columns: [
        { head: pair('证据', 'evidence'), share: 22 },
        { head: pair('关于', 'about'), share: 15 },
        { head: pair('类型', 'type'), share: 13 },
        { head: plain('SHA-256'), share: 26 },
        { head: pair('记录', 'recorded'), share: 21 },
        { head: pair('随附', 'attached'), share: 16 },
      ],
      rows,
    },
    lineOf(
      pair(
        '随附文件在证据包的 attachments/ 中，以其 SHA-256 为名；文件名为出具方处的文件名。',
        "The files attached are in the pack's attachments/, each named by its SHA-256; " +
          'a file name is the one it had with who made the pack.',
      ),
    ),
  ];
}

/** Texts of records that no other part prints, in the order of the log. */
export function otherTextBlocks(records: Records): Block[] {
  const left = records.unprinted();
  if (left.length === 0) return [];
  return [
    headingOf(pair('其他原文', 'Other texts as they were recorded')),
    ...left.flatMap((event) => [
      {
        kind: 'item' as const,
        text: inOne(
          [
            term(event.type),
            plain(
              ['appealId', 'complaintId', 'additionId', 'evidenceId', 'deductionId']
                .map((name) => textOfMember(event.data, name))
                .find((id) => id !== '') ?? '',
            ),
            recordedOf(records, event),
          ].filter((line) => line.some(({ text }) => text !== '')),
        ),
      },
      ...records.texts(event),
    ]),
  ];
}
