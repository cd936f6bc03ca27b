import { joined } from '@penalty-ledger/ledger';
import { assumptionText } from '../rulebook/assumption-text.js';
import type { InBoth } from '@penalty-ledger/application/language';
import type {
  EventReference,
  ExplainAnswer,
  ExplainedDeduction,
  ShownText,
} from '@penalty-ledger/application';
import type { Basis, LedgerSettings } from '@penalty-ledger/ledger';
import { field, heading, pad, pageWidth, widthOf } from '../terminal/layout.js';
import { said, saidIn } from '../terminal/language.js';
import { table } from '../terminal/table.js';
import {
  appealStateWords,
  byWhom,
  count,
  deadline,
  figure,
  inClear,
  listed,
  measureWords,
  reasonWords,
  time,
  withTimes,
} from '../terminal/words.js';
import { appealFields } from '../appeal/page.js';
import { inequality, verdictText } from '../assessment/page.js';
import { additionText, balanceFoot, balanceHead } from '../balance/page.js';
import { complaintFields } from '../complaint/page.js';
import { changeText, spanText } from '../session/page.js';

/** A balance with everything it rests on, on a page of 100 columns. */
export function explainPage(answer: ExplainAnswer, settings: LedgerSettings): string[] {
  return [
    ...balanceHead(answer, answer.name === null ? undefined : inClear(answer.name)),
    ...countedSection(answer),
    ...notCountedSection(answer),
    ...appealsSection(answer),
    ...additionsSection(answer),
    ...measuresSection(answer),
    ...timelineSection(answer),
    ...findingsSection(answer),
    ...rulebooksSection(answer),
    ...observationsSection(answer),
    ...balanceFoot(answer),
    ...field(said('Ledger', '账本'), `${settings.ledgerId}, ${settings.mode}`),
  ];
}

function countedSection({
  lines,
  explained,
  threshold: sum,
  expels,
  carriedOver,
  effectiveAt,
}: ExplainAnswer): string[] {
  const threshold = expels === false ? undefined : sum;
  if (lines.length === 0) return heading(said('No points count', '无有效扣分'));
  const carried =
    carriedOver === 0
      ? []
      : [titleLine(said('carried over', '上年结转'), '', carriedOver, threshold)];
  return [
    ...heading(said('Points that count', '有效扣分')),
    ...carried,
    ...lines.flatMap(({ deductionId, counts, running }, index) => {
      const deduction = explained.find((each) => each.deductionId === deductionId);
      const title = titleLine(
        `${String(index + 1)}. ${deductionId}`,
        `+${String(counts)}`,
        running,
        threshold,
      );
      return [
        ...(index === 0 ? [] : ['']),
        title,
        ...(deduction === undefined ? [] : deductionFields(deduction, effectiveAt)),
      ];
    }),
  ];
}

/** The deduction at the left, the running total at the right edge of the page. */
function titleLine(
  left: string,
  points: string,
  running: number,
  threshold: number | undefined,
): string {
  const sum = pad(String(running), 3, 'right');
  const total =
    threshold === undefined
      ? said(sum, `${sum} 分`)
      : said(`${sum} of ${String(threshold)}`, `${sum} 分，清退线 ${String(threshold)} 分`);
  const right = said(`${points}  running total ${total}`, `${points}  累计 ${total}`);
  return left + pad(right, pageWidth - widthOf(left), 'right');
}

const setIn = 3;

function line(label: string, text: string): string[] {
  return field(label, text, { at: setIn, labelWidth: 12 });
}

function deductionFields(deduction: ExplainedDeduction, effectiveAt: string): string[] {
  const { clause, caseNo, noticeText, basis, creatorId, rulebook } = deduction;
  return [
    ...('en' in clause
      ? [
          ...line(said('Clause', '条款'), `${saidIn(clause)} (${clause.id})`),
          ...line('', saidIn(clause.text)),
        ]
      : line(said('Clause', '条款'), clause.id)),
    ...(rulebook === null
      ? []
      : line(
          '',
          said(
            `${rulebook.id} ${rulebook.rulebookVersion}, in force when it happened`,
            `${rulebook.id} ${rulebook.rulebookVersion}，违规发生时施行`,
          ),
        )),
    ...line(said('Occurred', '发生'), timesText(deduction)),
    ...line(said('Recorded', '记录'), recordedText(deduction)),
    ...(basis === null ? [] : basisFields(deduction, basis)),
    ...(creatorId === null ? [] : line(said('Creator', '达人'), creatorId)),
    ...(caseNo === null ? [] : line(said('Case', '案号'), inClear(caseNo))),
    ...(noticeText === null ? [] : line(said('Notice', '处罚通知'), inClear(noticeText))),
    ...statementFields(deduction),
    ...deduction.corrections.flatMap(correctionFields),
    ...deduction.decisions.flatMap(decisionFields),
    ...(deduction.appeals.length === 0
      ? line(said('Appeal', '申诉'), windowText(deduction, effectiveAt))
      : []),
    ...deduction.appeals.flatMap(({ appealId, state }) =>
      line(said('Appeal', '申诉'), `${appealId}: ${appealStateWords(state)}`),
    ),
    ...(deduction.contested === 0 ? [] : line('', contestedText(deduction.contested))),
    ...line(said('Source', '来源'), sourceText(deduction.source)),
  ];
}

function correctionFields({
  recordedAt,
  by,
  reason,
  changed,
  source,
}: ExplainedDeduction['corrections'][number]): string[] {
  return [
    ...line(
      said('Corrected', '更正'),
      said(
        `${byWhom(recordedAt, by)}: our own typing put right (${sourceText(source)})`,
        `${byWhom(recordedAt, by)}：更正录入错误（${sourceText(source)}）`,
      ),
    ),
    ...changed.flatMap((each) => line('', changeText(each))),
    ...reasonFields(reason),
  ];
}

function decisionFields({
  recordedAt,
  decidedAt,
  kind,
  was,
  points,
  by,
  reason,
  appealId,
}: ExplainedDeduction['decisions'][number]): string[] {
  const on = appealId === null ? '' : said(`, on appeal ${appealId}`, `，申诉 ${appealId}`);
  const recorded =
    decidedAt === null || decidedAt === recordedAt
      ? ''
      : said(`, recorded ${time(recordedAt)}`, `，记录于 ${time(recordedAt)}`);
  return [
    ...line(
      said('Decision', '裁定'),
      `${byWhom(decidedAt ?? recordedAt, by)}: ${decisionText(kind, points)}, ` +
        said(`${String(was)} before`, `此前 ${String(was)} 分`) +
        on +
        recorded,
    ),
    ...reasonFields(reason),
  ];
}

function reasonFields(reason: ShownText | null): string[] {
  return reason === null ? [] : line(said('Reason', '理由'), inClear(reason));
}

function contestedText(points: number): string {
  return said(`${count(points, 'point')} contested`, `${String(points)} 分申诉中`);
}

/** The platform's reasons in the order of a statement: facts, reason, basis, remedy. */
function statementFields({
  statement,
  automated,
}: Pick<ExplainedDeduction, 'automated' | 'statement'>): string[] {
  const isWithheld = statement !== null && 'withheld' in statement;
  const texts: Partial<Record<'facts' | 'reason' | 'basis' | 'remedy', string>> =
    statement === null || isWithheld ? {} : statement;
  return [
    ...(isWithheld ? line(said('Statement', '理由说明'), inClear(statement)) : []),
    ...(texts.facts === undefined ? [] : line(said('Facts', '事实'), texts.facts)),
    ...(texts.reason === undefined ? [] : line(said('Reason', '原因'), texts.reason)),
    ...(texts.basis === undefined ? [] : line(said('Legal basis', '法律依据'), texts.basis)),
    ...(texts.remedy === undefined ? [] : line(said('Remedy', '救济途径'), texts.remedy)),
    ...(automated === null
      ? []
      : line(
          said('Decided', '决定方式'),
          automated ? said('by a machine alone', '自动化决定') : said('by a person', '人工决定'),
        )),
  ];
}

function timesText({ occurredAt, decidedAt, notifiedAt, effectiveAt }: ExplainedDeduction): string {
  return [
    time(occurredAt),
    ...(decidedAt === null ? [] : [said(`decided ${time(decidedAt)}`, `${time(decidedAt)} 裁定`)]),
    ...(notifiedAt === null
      ? []
      : [said(`notified ${time(notifiedAt)}`, `${time(notifiedAt)} 送达`)]),
    said(`in effect from ${time(effectiveAt)}`, `${time(effectiveAt)} 起生效`),
  ].join(said(', ', '，'));
}

function recordedText({ recordedAt, recordedBy, effectiveAt }: ExplainedDeduction): string {
  const late =
    recordedAt > effectiveAt
      ? said(', later than it took effect', '，晚于生效')
      : recordedAt < effectiveAt
        ? said(', beforehand', '，早于生效')
        : '';
  return said(
    `${time(recordedAt)} by ${recordedBy}${late}`,
    `${time(recordedAt)}，由 ${recordedBy} 记录${late}`,
  );
}

/** Both instants are in the ledger's zone and of one width, so their texts compare as times. */
function windowText({ appealBy, appealable }: ExplainedDeduction, effectiveAt: string): string {
  if (effectiveAt >= appealBy)
    return said(
      `none; the window closed ${deadline(appealBy)}`,
      `无；申诉期已于 ${deadline(appealBy)} 届满`,
    );
  const until = said(
    `none yet; possible until ${deadline(appealBy)}`,
    `尚无；可在 ${deadline(appealBy)} 前发起`,
  );
  return appealable === 0
    ? until
    : until +
        said(`, ${count(appealable, 'point')} appealable`, `，可申诉 ${String(appealable)} 分`);
}

function basisFields(
  { restsOn, deductionId, clause, occurredAt }: ExplainedDeduction,
  basis: Basis,
): string[] {
  const found = said(
    `violation ${clause.id} of ${time(occurredAt)} → deduction ${deductionId}`,
    `${time(occurredAt)} 的违规 ${clause.id} → 扣分 ${deductionId}`,
  );
  const unknown = said(
    'nothing of that name was recorded for this agency by then',
    '截至该时点没有记录该机构有此项',
  );
  switch (basis.kind) {
    case 'assessment':
      return [
        ...line(
          said('Basis', '事实依据'),
          said(`assessment of ${basis.month} → ${found}`, `${basis.month} 月度考核 → ${found}`),
        ),
        ...(restsOn?.kind === 'assessment' ? line('', assessmentText(restsOn)) : []),
      ];
    case 'complaint':
      return [
        ...line(
          said('Basis', '事实依据'),
          said(`complaint ${basis.complaintId} → ${found}`, `投诉 ${basis.complaintId} → ${found}`),
        ),
        ...(restsOn?.kind === 'complaint'
          ? complaintFields(restsOn, basisLine)
          : line('', unknown)),
      ];
    case 'session':
      return [
        ...line(
          said('Basis', '事实依据'),
          said(`session ${basis.sessionId} → ${found}`, `直播场次 ${basis.sessionId} → ${found}`),
        ),
        ...line('', restsOn?.kind === 'session' ? sessionText(restsOn) : unknown),
      ];
  }
}

/** A line under `Basis`, indented, so that it is not taken for the deduction's own. */
function basisLine(label: string, text: string): string[] {
  return field(label, text, { at: setIn + 12, labelWidth: 13 });
}

type RestsOn<Kind extends Basis['kind']> = Extract<ExplainedDeduction['restsOn'], { kind: Kind }>;

function assessmentText(month: RestsOn<'assessment'>): string {
  const { base, active, rate, rulebookVersion, computedAt } = month;
  const own =
    month.verdict === 'not_computed'
      ? said('none by then', '截至该时点未测算')
      : verdictText(month);
  const verdict = said(`our own computation: ${own}`, `我方测算：${own}`);
  if (base === null || active === null || rate === null) return verdict;
  const computed = said(
    `under ${rulebookVersion ?? ''}, computed ${time(computedAt ?? '')}`,
    `按 ${rulebookVersion ?? ''}，测算于 ${time(computedAt ?? '')}`,
  );
  return `${verdict}\n${inequality({ base, active }, rate)} ${computed}`;
}

function sessionText(session: RestsOn<'session'>): string {
  const { creatorId, agencyId } = session;
  return said(
    `creator ${creatorId} of agency ${agencyId}, ${spanText(session)}`,
    `机构 ${agencyId} 的达人 ${creatorId}，${spanText(session)}`,
  );
}

function decisionText(kind: string, points: number): string {
  if (kind === 'revoked') return said('revoked', '撤销');
  return kind === 'reinstated'
    ? said(`counts ${String(points)} again`, `恢复为 ${String(points)} 分`)
    : said(`keeps ${count(points, 'point')}`, `部分撤销，保留 ${figure(points)} 分`);
}

function sourceText({ stream, revision, leafHash }: EventReference): string {
  return said(
    `event ${String(revision)} of ${stream}, leaf hash ${leafHash.slice(0, 12)}…`,
    `${stream} 的事件 ${String(revision)}，叶哈希 ${leafHash.slice(0, 12)}…`,
  );
}

function notCountedSection({ explained, effectiveAt }: ExplainAnswer): string[] {
  const left = explained.filter(({ notCounted }) => notCounted !== null);
  if (left.length === 0) return [];
  return [
    ...heading(said('Not counted', '不计入')),
    ...left.flatMap((deduction, index) => {
      const { deductionId, points, notCounted } = deduction;
      const title = said(
        `${deductionId}  ${count(points, 'point')}: ${reasonWords(notCounted ?? '')}`,
        `${deductionId}  ${figure(points)} 分：${reasonWords(notCounted ?? '')}`,
      );
      return [...(index === 0 ? [] : ['']), title, ...deductionFields(deduction, effectiveAt)];
    }),
  ];
}

function appealsSection({ appeals }: ExplainAnswer): string[] {
  if (appeals.length === 0) return [];
  return [
    ...heading(said('Appeals', '申诉')),
    ...appeals.flatMap((appeal, index) => [
      ...(index === 0 ? [] : ['']),
      appeal.appealId,
      ...appealFields(appeal, setIn),
    ]),
  ];
}

function additionsSection({ additions }: ExplainAnswer): string[] {
  if (additions.length === 0) return [];
  return [
    ...heading(said('Additions to the score', '加分')),
    ...additions.flatMap((addition) => [
      `${addition.additionId}  ${additionText(addition)}`,
      ...line(said('From', '起'), time(addition.effectiveAt)),
      ...line(said('Recorded', '记录'), byWhom(addition.recordedAt, addition.recordedBy)),
      ...reasonFields(addition.reason),
      ...(addition.revocation === null
        ? []
        : line(
            said('Revoked', '撤销'),
            byWhom(addition.revocation.recordedAt, addition.revocation.by),
          )),
      ...reasonFields(addition.revocation?.reason ?? null),
    ]),
  ];
}

/** The measures of the platform, and the requests that a person look at a decision. */
function measuresSection({ imposedMeasures, humanReviews }: ExplainAnswer): string[] {
  if (imposedMeasures.length + humanReviews.length === 0) return [];
  return [
    ...heading(said('Measures and human review', '处置措施与人工判定')),
    ...imposedMeasures.flatMap((measure) => {
      const { measureId, kind, effectiveAt, until, liftedAt, inForce, deductionId } = measure;
      return [
        said(
          `${measureId}  ${measureWords(kind)}${inForce ? '' : ', not in force'}`,
          `${measureId}  ${measureWords(kind)}${inForce ? '' : '，未施行'}`,
        ),
        ...line(said('From', '起'), time(effectiveAt)),
        ...line(said('Recorded', '记录'), byWhom(measure.recordedAt, measure.recordedBy)),
        ...(until === null ? [] : line(said('Until', '止'), deadline(until))),
        ...(deductionId === null
          ? []
          : line(
              said('Follows', '依据扣分'),
              said(`deduction ${deductionId}`, `扣分 ${deductionId}`),
            )),
        ...statementFields(measure),
        ...(liftedAt === null
          ? []
          : line(said('Lifted', '解除'), liftingText(liftedAt, measure.lifting))),
        ...reasonFields(measure.lifting?.reason ?? null),
      ];
    }),
    ...humanReviews.flatMap((review) => [
      said(
        `${review.reviewId}  human review of ${review.deductionId ?? review.measureId ?? ''}`,
        `${review.reviewId}  对 ${review.deductionId ?? review.measureId ?? ''} 的人工判定`,
      ),
      ...line(said('Requested', '提出'), byWhom(review.requestedAt, review.requestedBy)),
      ...reasonFields(review.reason),
      ...(review.answerBy === null ? [] : line(said('Due', '期限'), deadline(review.answerBy))),
      ...(review.answeredAt === null
        ? line(
            said('Answer', '答复'),
            review.overdue === true ? said('overdue', '已逾期') : said('outstanding', '待答复'),
          )
        : line(
            said('Answer', '答复'),
            `${review.outcome ?? ''} ${byWhom(review.answeredAt, review.answer?.by ?? '')}`,
          )),
      ...reasonFields(review.answer?.reason ?? null),
      ...(review.findings.length === 0
        ? []
        : line(said('Findings', '发现的问题'), listed(review.findings))),
      ...review.calendars.flatMap(({ id, calendarVersion, sha256 }) =>
        line(said('Calendar', '节假日历'), `${id} ${calendarVersion}\nSHA-256 ${sha256}`),
      ),
      ...review.assumptions.flatMap((each, index) =>
        line(index === 0 ? said('Assumes', '假设') : '', assumptionText(each)),
      ),
    ]),
  ];
}

type Lifting = ExplainAnswer['imposedMeasures'][number]['lifting'];

/** The instant from which a measure is lifted, who lifted it, and when that was recorded. */
function liftingText(liftedAt: string, lifting: Lifting): string {
  if (lifting === null) return time(liftedAt);
  const { by, recordedAt } = lifting;
  return recordedAt === liftedAt
    ? byWhom(liftedAt, by)
    : said(
        `${byWhom(liftedAt, by)}, recorded ${time(recordedAt)}`,
        `${byWhom(liftedAt, by)}，记录于 ${time(recordedAt)}`,
      );
}

const revokedSince: InBoth = {
  en: '; the expulsion was revoked since, so this was refused without ground',
  zh: '；该清退其后被撤销，因此当时的拒绝没有依据',
};

function timelineSection({
  timeline,
  reentryApplications,
  remedies,
  bannedRelatives,
}: ExplainAnswer): string[] {
  const rows = timeline.map(({ at, recordedAt, what, by, reason }) => [
    time(at),
    [
      withTimes(saidIn(what)) + (by === null ? '' : said(` by ${by}`, `，由 ${by} 记录`)),
      ...(reason === null ? [] : [said(`reason: ${inClear(reason)}`, `理由：${inClear(reason)}`)]),
    ].join('\n'),
    recordedAt === at ? '' : said(`recorded ${time(recordedAt)}`, `记录于 ${time(recordedAt)}`),
  ]);
  return [
    ...heading(said('Standing over time', '身份沿革')),
    ...table(
      [{ title: said('From', '起') }, { title: said('What', '情况'), maxWidth: 42 }, { title: '' }],
      rows,
    ),
    ...reentryApplications.flatMap(({ recordedAt, admissible, wronglyRefused }) =>
      field(
        said('Re-entry', '再入驻'),
        said(
          `applied ${time(recordedAt)}: ` +
            (admissible ? 'admissible' : 'inadmissible, the ban ran') +
            (wronglyRefused ? saidIn(revokedSince) : ''),
          `${time(recordedAt)} 申请：${admissible ? '予以受理' : '不予受理，仍在禁止再入驻期内'}` +
            (wronglyRefused ? saidIn(revokedSince) : ''),
        ),
      ),
    ),
    ...(remedies.length === 0
      ? []
      : field(said('To put right', '应当补正'), saidIn(joined(remedies)))),
    ...(bannedRelatives.length === 0
      ? []
      : field(
          said('Same person', '同一法人'),
          said(
            `banned at that instant: ${listed(bannedRelatives)}`,
            `当时被禁止入驻：${listed(bannedRelatives)}`,
          ),
        )),
  ];
}

function findingsSection({ findingDetails }: ExplainAnswer): string[] {
  if (findingDetails.length === 0) return [];
  const columns = [
    { title: said('Finding', '问题') },
    { title: said('Severity', '程度') },
    { title: said('About', '对象'), maxWidth: 32 },
    { title: said('Detail', '详情'), maxWidth: 44 },
  ];
  return [
    ...heading(said('Findings', '发现的问题')),
    ...table(
      columns,
      findingDetails.map(({ code, severity, about, detail }) => [
        code,
        severity,
        withTimes(saidIn(about)),
        withTimes(saidIn(detail)),
      ]),
    ),
  ];
}

/** The rulebooks with when each was recorded, and what follows from it. */
function rulebooksSection({ rulebooks, rulebookFindings }: ExplainAnswer): string[] {
  return [
    ...heading(said('Rulebooks', '规则')),
    ...rulebooks.flatMap(({ id, rulebookVersion, sha256, effectiveFrom, recordedAt }) => [
      `${id} ${rulebookVersion}`,
      ...line('SHA-256', sha256),
      ...line(
        said('In force', '施行'),
        said(`from ${time(effectiveFrom)}`, `自 ${time(effectiveFrom)} 起`),
      ),
      ...line(
        said('Recorded', '记录'),
        recordedAt === null ? said('with the ledger', '随账本') : time(recordedAt),
      ),
    ]),
    ...(rulebookFindings.length === 0
      ? []
      : table(
          [
            { title: said('Derived finding', '推导出的问题') },
            { title: said('Severity', '程度') },
            { title: said('About', '对象'), maxWidth: 28 },
            { title: said('Detail', '详情'), maxWidth: 40 },
          ],
          rulebookFindings.map(({ code, severity, about, detail }) => [
            code,
            severity,
            withTimes(saidIn(about)),
            withTimes(saidIn(detail)),
          ]),
        )),
  ];
}

function observationsSection({ observations }: ExplainAnswer): string[] {
  if (observations.length === 0) return [];
  const columns = [
    { title: said('Observed at', '查看时间') },
    { title: said('Platform', '平台显示'), align: 'right' },
    { title: said('Ledger', '账本'), align: 'right' },
    { title: said('What could explain it', '可能的原因'), maxWidth: 50 },
  ] as const;
  return [
    ...heading(said("The platform's own figure", '平台显示的分数')),
    ...table(
      columns,
      observations.map(({ observedAt, observed, computed, candidates }) => [
        time(observedAt),
        String(observed),
        String(computed),
        saidIn(joined(candidates)),
      ]),
    ),
  ];
}
