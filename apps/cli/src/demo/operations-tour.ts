import type { AssessmentAnswer } from '@penalty-ledger/ledger';
import { isQueryError, type QueryRunner } from '../ledger/query-runner.js';
import { field, heading } from '../terminal/layout.js';
import {
  complaintStateWords,
  complainantWords,
  count,
  slotStatusWords,
  time,
} from '../terminal/words.js';
import { inequality, verdictText } from '../assessment/page.js';
import { rankingTable, refusedTable } from '../vertical/page.js';
import { figures, text } from './figures.js';
import { allocationInstant, operationsMonth, operationsVertical } from './operations.js';

const assessed = 'mcn-023';
const complainedOf = 'mcn-055';
const complaintId = 'tp-055-1';

/** Our computation of a month, its inactive creators, and the points it cost. */
export async function assessedMonth(runner: QueryRunner): Promise<readonly string[]> {
  const answer = await runner.ask('assessment', { agencyId: assessed, month: operationsMonth });
  const explained = await runner.ask('explain', { agencyId: assessed });
  if (isQueryError(answer) || isQueryError(explained))
    throw new Error(`the demo has no "${assessed}"`);
  const cost = explained.explained.find(({ restsOn }) => restsOn?.kind === 'assessment');
  return [
    ...heading('5  A month, and what it cost'),
    ...text(
      `${assessed}  ${(await runner.nameOf(assessed)) ?? ''}, ${operationsMonth}, ` +
        'from the sessions recorded:',
    ),
    ...figures([
      ...field('Verdict', verdictText(answer)),
      ...field('Activity', activityText(answer)),
      ...field('Not active', answer.inactive.map(inactiveText).join(', ')),
      ...(cost === undefined
        ? []
        : field(
            'Cost',
            `${cost.deductionId}, ${count(cost.points, 'point')}, ` +
              `recorded ${time(cost.recordedAt)}`,
          )),
    ]),
    '',
    ...text(
      'The ratio is compared in integers and never rounded. Our computation imposes nothing: the ' +
        'deduction is an act of the platform that names the month as its basis. If the two ' +
        'disagreed, a finding would say so.',
    ),
  ];
}

function activityText({ base, active, rate }: AssessmentAnswer): string {
  return base === null || active === null || rate === null
    ? ''
    : inequality({ base, active }, rate);
}

function inactiveText({ creatorId, sessions }: AssessmentAnswer['inactive'][number]): string {
  return `${creatorId} (${sessions === 0 ? 'dead account' : count(sessions, 'session')})`;
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
    throw new Error('the demo has no ranking');
  const others = vertical.refused.filter(({ reasons }) => !reasons.includes('creators'));
  const hours = slots.slots.map(
    ({ hour, agencyId, status }) =>
      `${String(hour)}:00 ${agencyId ?? 'nobody'}, ${slotStatusWords(status)}`,
  );
  const imposed = complaint.deductions.map(
    ({ deductionId, clause, points }) =>
      `violation ${clause} → deduction ${deductionId}, ${count(points, 'point')}`,
  );
  return [
    ...heading('6  What a complaint costs'),
    ...text(
      `${operationsVertical} in ${operationsMonth}, as known when the slots of 20 November were ` +
        `given: ${hours.join('; ')}. ` +
        `${count(vertical.refused.length - others.length, 'agency', 'agencies')} ` +
        'without creators in it are left out here.',
    ),
    ...figures(await rankingTable(vertical, runner.nameOf)),
    ...figures(await refusedTable({ ...vertical, refused: others }, runner.nameOf)),
    '',
    ...text(
      `${complainedOf} had the highest sales and is not ranked: complaint ${complaintId} by a ` +
        `${complainantWords(complaint.complainantKind)} was open then. It was ` +
        `${complaintStateWords(complaint.state)} in November: complaint → ${imposed.join('; ')}. ` +
        'The slots stay as they were given.',
    ),
  ];
}
