import type { ComplaintWithTexts } from '@penalty-ledger/application';
import { complaintPage } from './page.js';

test('an upheld complaint without a deduction does not read as if no violation was found', () => {
  const complaint: ComplaintWithTexts = {
    complaintId: 'k1',
    agencyId: 'a1',
    knownAt: '2019-05-01T09:00:00.000+08:00',
    creatorId: null,
    complainantKind: 'consumer',
    occurredAt: '2019-04-18T20:30:00.000+08:00',
    filedAt: '2019-04-21T10:00:00.000+08:00',
    state: 'upheld',
    closedAt: '2019-04-25T10:00:00.000+08:00',
    mergedInto: null,
    merged: [],
    deductions: [],
    filedBy: 'desk',
    closedBy: 'desk',
    reason: null,
    caseNo: null,
    subject: null,
  };
  const page = complaintPage(complaint, undefined).join('\n');
  expect(page).toContain('No deduction rests on it');
  expect(page).not.toContain('No violation');
});
