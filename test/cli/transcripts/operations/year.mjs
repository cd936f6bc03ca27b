// a1 has eight creators, of whom five stream; a2 has five, about whom a merchant complains; a3 has
// none.
const line = (at, command, data) =>
  console.log(JSON.stringify({ at: `${at}+08:00`, command, by: 'officer-lin', data }));
const names = {
  a1: '杭州云屿文化传媒有限公司',
  a2: '广州星野网络科技有限公司',
  a3: '成都南榆影视传媒有限公司',
};
const two = (number) => String(number).padStart(2, '0');
for (const [agencyId, name] of Object.entries(names))
  line('2019-01-02T09:00:00', 'AdmitAgency', {
    agencyId,
    name,
    effectiveAt: '2018-06-01T00:00:00+08:00',
  });
for (const [agencyId, creators] of [
  ['a1', 8],
  ['a2', 5],
])
  for (let number = 1; number <= creators; number += 1)
    line('2019-01-03T09:00:00', 'BindCreator', {
      agencyId,
      creatorId: `${agencyId}-c${number}`,
      name: '主播',
    });
line('2019-01-03T09:00:00', 'GrantExposureRight', { creatorId: 'a1-c8' });
const stream = (at, creatorId, month, day, minutes = '40:00', more = {}) =>
  line(at, 'RecordSession', {
    sessionId: `${creatorId}-${month.slice(5)}-${two(day)}`,
    creatorId,
    startedAt: `${month}-${two(day)}T20:00:00+08:00`,
    endedAt: `${month}-${two(day)}T20:${minutes}+08:00`,
    ...more,
  });
const sold = {
  contentVertical: '美妆',
  sales: [
    { vertical: '美妆', amountFen: 123450 },
    { vertical: '食品', amountFen: 5 },
  ],
};
for (let number = 1; number <= 5; number += 1) {
  for (let day = 1; day <= 10; day += 1)
    stream('2019-04-01T09:00:00', `a1-c${number}`, '2019-03', day);
}
line('2019-04-08T09:00:00', 'ComputeAssessment', { month: '2019-03', agencyId: 'a1' });
line('2019-04-12T10:00:00', 'ProposeTheme', {
  proposalId: 't1',
  agencyId: 'a1',
  month: '2019-05',
  title: '初夏护肤周',
});
line('2019-04-16T10:00:00', 'ProposeTheme', {
  proposalId: 't2',
  agencyId: 'a2',
  month: '2019-05',
  title: '露营美食节',
});
line('2019-04-20T10:00:00', 'FileComplaint', {
  complaintId: 'k1',
  creatorId: 'a2-c3',
  complainant: { kind: 'merchant', id: 'm-8' },
  occurredAt: '2019-04-18T20:30:00+08:00',
  subject: '坑位费未退',
  caseNo: 'TS-2019-0420',
});
line('2019-04-21T10:00:00', 'FileComplaint', {
  complaintId: 'k2',
  agencyId: 'a2',
  complainant: { kind: 'consumer' },
  occurredAt: '2019-04-18T20:30:00+08:00',
  subject: '同一场直播',
});
line('2019-04-22T10:00:00', 'MergeComplaints', { into: 'k1', from: ['k2'] });
for (const agencyId of ['a1', 'a2'])
  for (let number = 1; number <= 5; number += 1)
    for (let day = 1; day <= 20; day += 1)
      stream('2019-04-30T23:00:00', `${agencyId}-c${number}`, '2019-04', day, '30:00', sold);
stream('2019-04-30T23:00:00', 'a1-c6', '2019-04', 1, '29:59.999', {
  newFollowers: 12,
  views: 3400,
});
line('2019-05-08T09:00:00', 'ComputeAssessment', { month: '2019-04' });
line('2019-05-09T10:00:00', 'RecordDeduction', {
  deductionId: 'd1',
  agencyId: 'a1',
  points: 40,
  clause: 'operating-metric-missed',
  occurredAt: '2019-04-30T23:59:59+08:00',
  basis: { kind: 'assessment', month: '2019-04' },
});
line('2019-05-10T10:00:00', 'CloseComplaint', { complaintId: 'k1', outcome: 'upheld' });
line('2019-05-10T11:00:00', 'RecordDeduction', {
  deductionId: 'd2',
  agencyId: 'a2',
  points: 5,
  clause: 'creator-violation',
  occurredAt: '2019-04-18T20:30:00+08:00',
  creatorId: 'a2-c3',
  basis: { kind: 'complaint', complaintId: 'k2' },
});
line('2019-05-10T12:00:00', 'RecordDeduction', {
  deductionId: 'd3',
  agencyId: 'a2',
  points: 2,
  clause: 'creator-violation',
  occurredAt: '2019-04-02T20:00:00+08:00',
  basis: { kind: 'session', sessionId: 'a2-c1-04-02' },
});
line('2019-05-10T13:00:00', 'RecordDeduction', {
  deductionId: 'd4',
  agencyId: 'a2',
  points: 1,
  clause: 'improper-operation',
  occurredAt: '2019-04-02T20:00:00+08:00',
  basis: { kind: 'complaint', complaintId: 'k9' },
});
line('2019-05-11T10:00:00', 'AllocateSlots', {
  date: '2019-05-20',
  vertical: '美妆',
  month: '2019-04',
});
line('2019-05-12T10:00:00', 'AssignSlot', {
  date: '2019-05-20',
  hour: 10,
  agencyId: 'a1',
  creatorIds: ['a1-c1', 'a1-c2', 'a1-c3', 'a1-c4', 'a1-c5'],
});
line('2019-05-13T10:00:00', 'SelectTheme', { proposalId: 't1' });
line('2019-05-14T10:00:00', 'DeclareBlackout', { date: '2019-05-21', reason: '平台大促' });
line('2019-05-21T09:00:00', 'RecordSession', {
  sessionId: 'slot-1',
  creatorId: 'a1-c1',
  startedAt: '2019-05-20T10:00:00+08:00',
  endedAt: '2019-05-20T10:55:00+08:00',
  newFollowers: 1200,
  ...sold,
});
