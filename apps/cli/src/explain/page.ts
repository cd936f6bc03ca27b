import type {
  EventReference,
  ExplainAnswer,
  ExplainedDeduction,
} from '@penalty-ledger/application';
import type { Basis, LedgerSettings } from '@penalty-ledger/ledger';
import { field, heading, pad, pageWidth, widthOf } from '../terminal/layout.js';
import { said } from '../terminal/language.js';
import { table } from '../terminal/table.js';
import {
  appealStateWords,
  byWhom,
  count,
  deadline,
  inClear,
  measureWords,
  reasonWords,
  time,
  withTimes,
} from '../terminal/words.js';
import { appealFields } from '../appeal/page.js';
import { inequality, verdictText } from '../assessment/page.js';
import { balanceFoot, balanceHead } from '../balance/page.js';
import { complaintFields } from '../complaint/page.js';
import { changeText, spanText } from '../session/page.js';

/** A balance with everything it rests on, on a page of 100 columns. */
export function explainPage(answer: ExplainAnswer, settings: LedgerSettings): string[] {
  return [
    ...(settings.simulation ? ['SIMULATION 模拟账本', ''] : []),
    ...balanceHead(answer, answer.name ?? undefined),
    ...countedSection(answer),
    ...notCountedSection(answer),
    ...appealsSection(answer),
    ...measuresSection(answer),
    ...timelineSection(answer),
    ...findingsSection(answer),
    ...observationsSection(answer),
    ...balanceFoot(answer),
    ...field('Ledger', `${settings.ledgerId}, ${settings.mode}`),
  ];
}

function countedSection({
  lines,
  explained,
  threshold,
  carriedOver,
  effectiveAt,
}: ExplainAnswer): string[] {
  if (lines.length === 0) return heading('No points count 无有效扣分');
  const carried = carriedOver === 0 ? [] : [titleLine('carried over', '', carriedOver, threshold)];
  return [
    ...heading('Points that count 有效扣分'),
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
function titleLine(left: string, points: string, running: number, threshold: number): string {
  const total = `${pad(String(running), 3, 'right')} of ${String(threshold)}`;
  const right = `${points}  running total ${total}`;
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
          ...line('Clause', `${clause.en} · ${clause.zh} (${clause.id})`),
          ...line('', clause.text.en),
          ...line('', clause.text.zh),
        ]
      : line('Clause', clause.id)),
    ...(rulebook === null
      ? []
      : line('', `${rulebook.id} ${rulebook.rulebookVersion}, in force when it happened`)),
    ...line('Occurred', timesText(deduction)),
    ...line('Recorded', recordedText(deduction)),
    ...(basis === null ? [] : basisFields(deduction, basis)),
    ...(creatorId === null ? [] : line('Creator', creatorId)),
    ...(caseNo === null ? [] : line('Case', inClear(caseNo))),
    ...(noticeText === null ? [] : line('Notice', inClear(noticeText))),
    ...statementFields(deduction),
    ...deduction.corrections.flatMap(correctionFields),
    ...deduction.decisions.flatMap(decisionFields),
    ...(deduction.appeals.length === 0 ? line('Appeal', windowText(deduction, effectiveAt)) : []),
    ...deduction.appeals.flatMap(({ appealId, state }) =>
      line('Appeal', `${appealId}: ${appealStateWords(state)}`),
    ),
    ...(deduction.contested === 0 ? [] : line('', contestedText(deduction.contested))),
    ...line('Source', sourceText(deduction.source)),
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
      'Decision',
      `${byWhom(decidedAt ?? recordedAt, by)}: ${decisionText(kind, points)}, ` +
        said(`${String(was)} before`, `此前 ${String(was)} 分`) +
        on +
        recorded,
    ),
    ...reasonFields(reason),
  ];
}

function reasonFields(reason: string | null): string[] {
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
  const texts: Partial<Record<'facts' | 'reason' | 'basis' | 'remedy', string>> =
    statement === null || statement === 'erased' ? {} : statement;
  return [
    ...(texts.facts === undefined ? [] : line('Facts', texts.facts)),
    ...(texts.reason === undefined ? [] : line('Reason', texts.reason)),
    ...(texts.basis === undefined ? [] : line('Legal basis', texts.basis)),
    ...(texts.remedy === undefined ? [] : line('Remedy', texts.remedy)),
    ...(automated === null
      ? []
      : line('Decided', automated ? 'by a machine alone 自动化决定' : 'by a person 人工')),
  ];
}

function timesText({ occurredAt, decidedAt, notifiedAt, effectiveAt }: ExplainedDeduction): string {
  return [
    time(occurredAt),
    ...(decidedAt === null ? [] : [`decided ${time(decidedAt)}`]),
    ...(notifiedAt === null ? [] : [`notified ${time(notifiedAt)}`]),
    `in effect from ${time(effectiveAt)}`,
  ].join(', ');
}

function recordedText({ recordedAt, recordedBy, effectiveAt }: ExplainedDeduction): string {
  const late =
    recordedAt > effectiveAt
      ? ', later than it took effect'
      : recordedAt < effectiveAt
        ? ', beforehand'
        : '';
  return `${time(recordedAt)} by ${recordedBy}${late}`;
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
  const found = `violation ${clause.id} of ${time(occurredAt)} → deduction ${deductionId}`;
  const unknown = 'nothing of that name was recorded for this agency by then';
  switch (basis.kind) {
    case 'assessment':
      return [
        ...line('Basis', `assessment of ${basis.month} 月度考核 → ${found}`),
        ...(restsOn?.kind === 'assessment' ? line('', assessmentText(restsOn)) : []),
      ];
    case 'complaint':
      return [
        ...line('Basis', `complaint ${basis.complaintId} 投诉 → ${found}`),
        ...(restsOn?.kind === 'complaint'
          ? complaintFields(restsOn, basisLine)
          : line('', unknown)),
      ];
    case 'session':
      return [
        ...line('Basis', `session ${basis.sessionId} 直播场次 → ${found}`),
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
  const own = month.verdict === 'not_computed' ? 'none by then 未测算' : verdictText(month);
  const verdict = `our own computation: ${own}`;
  if (base === null || active === null || rate === null) return verdict;
  const computed = `under ${rulebookVersion ?? ''}, computed ${time(computedAt ?? '')}`;
  return `${verdict}\n${inequality({ base, active }, rate)} ${computed}`;
}

function sessionText(session: RestsOn<'session'>): string {
  const { creatorId, agencyId } = session;
  return `creator ${creatorId} of agency ${agencyId}, ${spanText(session)}`;
}

function decisionText(kind: string, points: number): string {
  if (kind === 'revoked') return 'revoked 撤销';
  return kind === 'reinstated'
    ? `counts ${String(points)} again 恢复`
    : `keeps ${count(points, 'point')} 部分撤销`;
}

function sourceText({ stream, revision, leafHash }: EventReference): string {
  return `event ${String(revision)} of ${stream}, leaf hash ${leafHash.slice(0, 12)}…`;
}

function notCountedSection({ explained, effectiveAt }: ExplainAnswer): string[] {
  const left = explained.filter(({ notCounted }) => notCounted !== null);
  if (left.length === 0) return [];
  return [
    ...heading('Not counted 不计入'),
    ...left.flatMap((deduction, index) => {
      const { deductionId, points, notCounted } = deduction;
      const title = `${deductionId}  ${count(points, 'point')}: ${reasonWords(notCounted ?? '')}`;
      return [...(index === 0 ? [] : ['']), title, ...deductionFields(deduction, effectiveAt)];
    }),
  ];
}

function appealsSection({ appeals }: ExplainAnswer): string[] {
  if (appeals.length === 0) return [];
  return [
    ...heading('Appeals 申诉'),
    ...appeals.flatMap((appeal, index) => [
      ...(index === 0 ? [] : ['']),
      appeal.appealId,
      ...appealFields(appeal, setIn),
    ]),
  ];
}

/** The measures of the platform, and the requests that a person look at a decision. */
function measuresSection({ imposedMeasures, humanReviews }: ExplainAnswer): string[] {
  if (imposedMeasures.length + humanReviews.length === 0) return [];
  return [
    ...heading('Measures and human review 处置措施与人工判定'),
    ...imposedMeasures.flatMap((measure) => {
      const { measureId, kind, effectiveAt, until, liftedAt, inForce, deductionId } = measure;
      return [
        `${measureId}  ${measureWords(kind)}${inForce ? '' : ', not in force'}`,
        ...line('From', time(effectiveAt)),
        ...line(said('Recorded', '记录'), byWhom(measure.recordedAt, measure.recordedBy)),
        ...(until === null ? [] : line('Until', deadline(until))),
        ...(deductionId === null ? [] : line('Follows', `deduction ${deductionId}`)),
        ...statementFields(measure),
        ...(liftedAt === null ? [] : line('Lifted', liftingText(liftedAt, measure.lifting))),
        ...reasonFields(measure.lifting?.reason ?? null),
      ];
    }),
    ...humanReviews.flatMap((review) => [
      `${review.reviewId}  human review of ${review.deductionId ?? review.measureId ?? ''}`,
      ...line('Requested', byWhom(review.requestedAt, review.requestedBy)),
      ...reasonFields(review.reason),
      ...(review.answerBy === null ? [] : line('Due', deadline(review.answerBy))),
      ...(review.answeredAt === null
        ? line('Answer', review.overdue === true ? 'overdue' : 'outstanding')
        : line(
            'Answer',
            `${review.outcome ?? ''} ${byWhom(review.answeredAt, review.answer?.by ?? '')}`,
          )),
      ...reasonFields(review.answer?.reason ?? null),
      ...(review.findings.length === 0
        ? []
        : line(said('Findings', '发现的问题'), review.findings.join(', '))),
      ...review.calendars.flatMap(({ id, calendarVersion, sha256 }) =>
        line(said('Calendar', '节假日历'), `${id} ${calendarVersion}\nSHA-256 ${sha256}`),
      ),
      ...review.assumptions.flatMap((each, index) => line(index === 0 ? 'Assumes' : '', each)),
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

const revokedSince = '; the expulsion was revoked since, so this was refused without ground';

function timelineSection({
  timeline,
  reentryApplications,
  remedies,
  bannedRelatives,
}: ExplainAnswer): string[] {
  const rows = timeline.map(({ at, recordedAt, what, by, reason }) => [
    time(at),
    [
      withTimes(what) + (by === null ? '' : said(` by ${by}`, `，由 ${by} 记录`)),
      ...(reason === null ? [] : [said(`reason: ${inClear(reason)}`, `理由：${inClear(reason)}`)]),
    ].join('\n'),
    recordedAt === at ? '' : said(`recorded ${time(recordedAt)}`, `记录于 ${time(recordedAt)}`),
  ]);
  return [
    ...heading('Standing over time 状态沿革'),
    ...table([{ title: 'From' }, { title: 'What', maxWidth: 42 }, { title: '' }], rows),
    ...reentryApplications.flatMap(({ recordedAt, admissible, wronglyRefused }) =>
      field(
        'Re-entry',
        `applied ${time(recordedAt)}: ${admissible ? 'admissible' : 'inadmissible, the ban ran'}` +
          (wronglyRefused ? revokedSince : ''),
      ),
    ),
    ...(remedies.length === 0 ? [] : field('To put right', remedies.join('; '))),
    ...(bannedRelatives.length === 0
      ? []
      : field('Same person', `banned at that instant: ${bannedRelatives.join(', ')}`)),
  ];
}

function findingsSection({ findingDetails }: ExplainAnswer): string[] {
  if (findingDetails.length === 0) return [];
  const columns = [
    { title: 'Finding' },
    { title: 'Severity' },
    { title: 'About', maxWidth: 32 },
    { title: 'Detail', maxWidth: 44 },
  ];
  return [
    ...heading('Findings 与规则不符之处'),
    ...table(
      columns,
      findingDetails.map(({ code, severity, about, detail }) => [
        code,
        severity,
        withTimes(about),
        withTimes(detail),
      ]),
    ),
  ];
}

function observationsSection({ observations }: ExplainAnswer): string[] {
  if (observations.length === 0) return [];
  const columns = [
    { title: 'Observed at' },
    { title: 'Platform', align: 'right' },
    { title: 'Ledger', align: 'right' },
    { title: 'What could explain it', maxWidth: 50 },
  ] as const;
  return [
    ...heading("The platform's own figure 平台显示"),
    ...table(
      columns,
      observations.map(({ observedAt, observed, computed, candidates }) => [
        time(observedAt),
        String(observed),
        String(computed),
        candidates.join('; '),
      ]),
    ),
  ];
}
