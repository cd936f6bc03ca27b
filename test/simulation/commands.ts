/** A command as its sender writes it. */
export interface SentCommand {
  readonly command: string;
  readonly commandId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Commands on few agencies and few ids, so that they meet; some take an id with other data. */
export const agencies = ['a1', 'a2'] as const;

const admissions: readonly SentCommand[] = agencies.map((agencyId) => ({
  command: 'AdmitAgency',
  data: { agencyId, name: `Agency ${agencyId}`, effectiveAt: '2018-01-01T00:00:00+08:00' },
}));

const imposed = (deductionId: string, agencyId: string, points: number): SentCommand => ({
  command: 'RecordDeduction',
  data: {
    deductionId,
    agencyId,
    points,
    clause: 'improper-operation',
    occurredAt: '2019-06-01T10:00:00+08:00',
    effectiveAt: '2019-06-02T10:00:00+08:00',
  },
});
/** Four deductions of 40 points pass the threshold of 120, and so do three. */
const deductions: readonly SentCommand[] = agencies.flatMap((agencyId) =>
  [1, 2, 3, 4].map((number) => imposed(`d-${agencyId}-${String(number)}`, agencyId, 40)),
);
const sameIds = [imposed('d-a1-1', 'a1', 20), imposed('d-a1-2', 'a2', 40)];
const revocations: readonly SentCommand[] = agencies.map((agencyId) => ({
  command: 'RecordRevocation',
  commandId: `revoke-${agencyId}`,
  data: { deductionId: `d-${agencyId}-1`, reason: 'as checked' },
}));
const bindings: readonly SentCommand[] = agencies.map((agencyId) => ({
  command: 'BindCreator',
  commandId: `bind-${agencyId}`,
  data: {
    agencyId,
    creatorId: 'c1',
    name: 'Creator c1',
    effectiveAt: '2018-02-01T00:00:00+08:00',
  },
}));

/** The ids that the commands can take for deductions. */
export const deductionIds: readonly string[] = deductions.map(
  ({ data }) => data['deductionId'] as string,
);

export const commands: readonly SentCommand[] = [
  ...admissions,
  ...deductions,
  ...revocations,
  ...sameIds,
  ...bindings,
];
