import type { AssessmentAnswer } from '@penalty-ledger/ledger';
import { isQueryError, type QueryRunner } from '../ledger/query-runner.js';
import { field, heading } from '../terminal/layout.js';
import {
  complainantWords,
  complaintStateWords,
  count,
  figure,
  listed,
  slotStatusWords,
  time,
} from '../terminal/words.js';
import { inequality, verdictText } from '../assessment/page.js';
import { rankingTable, refusedTable } from '../vertical/page.js';
import { figures, text } from './figures.js';
import { allocationInstant, operationsMonth, operationsVertical } from './operations.js';
import { said } from '../terminal/language.js';

const assessed = 'mcn-023';
const complainedOf = 'mcn-055';
const complaintId = 'tp-055-1';

/** Our computation of a month, its inactive creators, and the points it cost. */
export async function assessedMonth(runner: QueryRunner): Promise<readonly string[]> {
  const answer = await runner.ask('assessment', { agencyId: assessed, month: operationsMonth });
  const explained = await runner.ask('explain', { agencyId: assessed });
  if (isQueryError(answer) || isQueryError(explained))
    throw new RangeError(`the demo has no "${assessed}"`);
  const cost = explained.explained.find(({ restsOn }) => restsOn?.kind === 'assessment');
  return [
    ...heading(said('5  A month, and what it cost', '5  一个月的考核及其代价')),
    ...text(
      said(
        `${assessed}  ${(await runner.nameOf(assessed)) ?? ''}, ${operationsMonth}, ` +
          'from the sessions recorded:',
        `${assessed}  ${(await runner.nameOf(assessed)) ?? ''}，${operationsMonth}，` +
          '根据已记录的直播场次：',
      ),
    ),
    ...figures([
      ...field(said('Verdict', '考核结论'), verdictText(answer)),
      ...field(said('Activity', '活跃率'), activityText(answer)),
      ...field(said('Not active', '未活跃'), listed(answer.inactive.map(inactiveText))),
      ...(cost === undefined
        ? []
        : field(
            said('Cost', '扣分'),
            said(
              `${cost.deductionId}, ${count(cost.points, 'point')}, ` +
                `recorded ${time(cost.recordedAt)}`,
              `${cost.deductionId}，${figure(cost.points)} 分，记录于 ${time(cost.recordedAt)}`,
            ),
          )),
    ]),
    '',
    ...text(
      said(
        'The ratio is compared in integers and never rounded. Our computation imposes nothing: ' +
          'the deduction is an act of the platform that names the month as its basis. If the ' +
          'two disagreed, a finding would say so.',
        '比例以整数比较，从不取整。我方的测算不产生扣分：扣分是平台的行为，' +
          '并以该月考核为依据。若二者不符，账本会记为发现的问题。',
      ),
    ),
  ];
}

function activityText({ base, active, rate }: AssessmentAnswer): string {
  return base === null || active === null || rate === null
    ? ''
    : inequality({ base, active }, rate);
}

function inactiveText({ creatorId, sessions }: AssessmentAnswer['inactive'][number]): string {
  return said(
    `${creatorId} (${sessions === 0 ? 'dead account' : count(sessions, 'session')})`,
    `${creatorId}（${sessions === 0 ? '僵尸账号' : `${figure(sessions)} 场`}）`,
  );
}

/** The ranking when the slots were given, and the agency that a complaint kept out of it. */
export async function complaintAndSlot(runner: QueryRunner): Promise<readonly string[]> {
  const question = { month: operationsMonth, vertical: operationsVertical };
  const vertical = await runner.ask('vertical', {
    ...question,
    effectiveAt: allocationInstant,
    knownAt: allocationInstant,
  });
  const complaint = await runner.ask('complaint', { complaintId });
  const slots = await runner.ask('slots', {
    date: '2019-11-20',
    knownAt: allocationInstant,
    effectiveAt: allocationInstant,
  });
  if (isQueryError(vertical) || isQueryError(complaint) || isQueryError(slots))
    throw new RangeError('the demo has no ranking');
  const others = vertical.refused.filter(({ reasons }) => !reasons.includes('creators'));
  const hours = slots.slots.map(
    ({ hour, agencyId, status }) =>
      `${String(hour)}:00 ${agencyId ?? said('nobody', '无')}, ${slotStatusWords(status)}`,
  );
  const imposed = complaint.deductions.map(({ deductionId, clause, points }) =>
    said(
      `violation ${clause} → deduction ${deductionId}, ${count(points, 'point')}`,
      `违规 ${clause} → 扣分 ${deductionId}，${figure(points)} 分`,
    ),
  );
  return [
    ...heading(said('6  What a complaint costs', '6  一次投诉的代价')),
    ...text(
      said(
        `${operationsVertical} in ${operationsMonth}, as known when the slots of 20 November ` +
          `were given: ${hours.join('; ')}. ` +
          `${count(vertical.refused.length - others.length, 'agency', 'agencies')} without ` +
          'creators in it are left out here.',
        `${operationsMonth} ${operationsVertical}，按 11 月 20 日流量位分配时已知的情况：` +
          `${hours.join('；')}。` +
          `其中没有该垂类达人的 ${figure(vertical.refused.length - others.length)} 家机构在此` +
          '略去。',
      ),
    ),
    ...figures(await rankingTable(vertical, runner.nameOf)),
    ...figures(await refusedTable({ ...vertical, refused: others }, runner.nameOf)),
    '',
    ...text(
      said(
        `${complainedOf} had the highest sales and is not ranked: complaint ${complaintId} by ` +
          `a ${complainantWords(complaint.complainantKind)} was open then. It was ` +
          `${complaintStateWords(complaint.state)} in November: complaint → ` +
          `${imposed.join('; ')}. The slots stay as they were given.`,
        `${complainedOf} 的销售额最高，却未入围：` +
          `当时${complainantWords(complaint.complainantKind)}的投诉 ${complaintId} 正在处理中。` +
          `该投诉于 11 月${complaintStateWords(complaint.state)}：` +
          `投诉 → ${imposed.join('；')}。流量位按当时的分配保持不变。`,
      ),
    ),
  ];
}
