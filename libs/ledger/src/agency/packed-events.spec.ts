import type { Instant } from '../instant.js';
import type { AgencyEventData, RecordedAgencyEvent } from './events.js';
import { emptyHistory, evolve } from './history.js';
import { packEvents, unpackEvents } from './packed-events.js';

const at = (day: number): Instant => `2019-04-${String(day)}T02:00:00.000Z` as Instant;
const common = { recordedAt: at(10), actor: 'officer' };
const imposed: AgencyEventData['DeductionImposed'] = {
  ...{ account: 'points', agencyId: 'a1', clause: 'improper-operation', deductionId: 'd1' },
  ...{ period: '2019', periodStated: false, points: 4 },
};
const reference = { id: 'ali-mcn', rulebookVersion: '2019-03-07', sha256: 'a'.repeat(64) };

/** Deductions in which each member is stated, and left out. */
const deductions: RecordedAgencyEvent[] = [
  { ...common, type: 'DeductionImposed', data: imposed },
  { ...common, type: 'DeductionImposed', data: imposed, effectiveAt: at(11), occurredAt: at(11) },
  { ...common, type: 'DeductionImposed', data: imposed, effectiveAt: at(10), occurredAt: at(12) },
  { ...common, type: 'DeductionImposed', data: imposed, occurredAt: at(12), rulebook: reference },
  {
    ...{ ...common, type: 'DeductionImposed', notifiedAt: at(13), decidedAt: at(14) },
    data: {
      ...imposed,
      appealDeadline: at(15),
      automated: true,
      basis: { kind: 'session', sessionId: 's1' },
      creatorId: 'c1',
      findings: [
        { code: 'tariff_mismatch', severity: 'remark', detail: { en: 'another', zh: '不同' } },
      ] as never,
      noticeSha256: 'b'.repeat(64),
    },
  },
];
const others: RecordedAgencyEvent[] = [
  { ...common, type: 'AgencyAdmitted', data: { agencyId: 'a1' }, effectiveAt: at(10) },
  { ...common, type: 'DeductionRevoked', data: { agencyId: 'a1', deductionId: 'd1', was: 4 } },
];

it('packed events fold to the same history', () => {
  const [admitted, revoked] = others as [RecordedAgencyEvent, RecordedAgencyEvent];
  for (const deduction of deductions) {
    const events = [admitted, deduction, revoked];
    expect(unpackEvents(packEvents(events)).reduce(evolve, emptyHistory())).toEqual(
      events.reduce(evolve, emptyHistory()),
    );
  }
});

it('a member that no row knows is kept with its event', () => {
  const data = { ...imposed, later: 'x' };
  const [found] = unpackEvents(packEvents([{ ...common, type: 'DeductionImposed', data }]));
  expect(found?.data).toEqual(data);
});

it('a deduction like the last takes less than 70 bytes', () => {
  const of = (count: number): number =>
    packEvents(
      Array.from({ length: count }, (_, index) => ({
        ...{ ...common, type: 'DeductionImposed' as const, occurredAt: at(10) },
        data: { ...imposed, deductionId: `a1000-d${String(1000 + index)}` },
      })),
    ).length;
  expect(of(101) - of(1)).toBeLessThan(7000);
});
