import { commandRoutes } from '@penalty-ledger/api/command-routes';
import { aliMcn20190307, douyinMcnCredit2022, type Rulebook } from '@penalty-ledger/ledger';
import type { Answered, TestService } from './service.js';

type Name = keyof typeof commandRoutes;
type Command = readonly [name: Name, data: object];

const agency = (agencyId: string): Command => [
  'AdmitAgency',
  { agencyId, name: agencyId, effectiveAt: '2025-01-01T00:00:00+08:00' },
];
const deduction = (deductionId: string, agencyId = 'mcn-007', points = 20): Command => [
  'RecordDeduction',
  {
    deductionId,
    agencyId,
    points,
    clause: 'improper-operation',
    occurredAt: '2026-01-04T09:00:00+08:00',
  },
];
const complaint = (complaintId: string): Command => [
  'FileComplaint',
  { ...commandRoutes.FileComplaint.example, complaintId },
];
const bound = (creatorId: string): Command => [
  'BindCreator',
  { ...commandRoutes.BindCreator.example, creatorId },
];

/** Sessions and creators enough for a place in the ranking of January. */
const ranked: readonly Command[] = Array.from({ length: 6 }, (_, n) => `c-${n + 103}`).flatMap(
  (creatorId): readonly Command[] => [
    bound(creatorId),
    ['GrantExposureRight', { creatorId, effectiveAt: '2026-01-03T00:00:00+08:00' }],
    ...Array.from({ length: 24 }, (_, day): Command => [
      'RecordSession',
      {
        sessionId: `${creatorId}-${day}`,
        creatorId,
        startedAt: `2026-01-${String(day + 4).padStart(2, '0')}T20:00:00+08:00`,
        endedAt: `2026-01-${String(day + 4).padStart(2, '0')}T23:30:00+08:00`,
        contentVertical: 'beauty',
        sales: [{ vertical: 'beauty', amountFen: 9_000_000 }],
      },
    ]),
  ],
);

/** The rulebook of the examples, with an account whose score falls and can rise again. */
const withCredit: Rulebook = {
  ...aliMcn20190307,
  rulebookVersion: '2026-01-01',
  effectiveFrom: '2026-01-01T00:00:00+08:00',
  accounts: [
    ...aliMcn20190307.accounts,
    ...douyinMcnCredit2022.accounts.map((account) => ({ ...account, id: 'credit' })),
  ],
};

/** Commands that must be recorded before an example, beside the examples above it. */
const before: Readonly<Partial<Record<Name, readonly Command[]>>> = {
  RecordExit: [agency('mcn-008')],
  UnbindCreator: [bound('c-102')],
  MergeComplaints: [complaint('k-2'), complaint('k-3')],
  RecordRevocation: [deduction('d-2')],
  RecordPartialRevocation: [deduction('d-3')],
  WithdrawAppeal: [
    deduction('d-4'),
    [
      'InitiateAppeal',
      { appealId: 'ap-2', agencyId: 'mcn-007', deductionIds: ['d-4'], grounds: 'x' },
    ],
  ],
  RecordExpulsion: [agency('mcn-009'), deduction('d-5', 'mcn-009', 120)],
  ApplyForReentry: [agency('mcn-010'), ['RecordExpulsion', { agencyId: 'mcn-010', reason: 'x' }]],
  RecordAddition: [['PublishRulebook', { rulebook: withCredit }]],
  AllocateSlots: ranked,
  WaiveSlot: [['AllocateSlots', { date: '2026-02-12', vertical: 'beauty', month: '2026-01' }]],
};

/**
 * Sends every command's example from /openapi.json, in the order of interchange §2. Sends first
 * the commands that an example rests on, and returns the refusals.
 *
 * @param ask makes a request, so that its answer can be looked at
 */
export async function sendExamples(
  { tokens }: Pick<TestService, 'tokens'>,
  ask: TestService['ask'],
): Promise<readonly string[]> {
  const { body } = await ask('GET', '/openapi.json', { as: '' });
  const paths = body['paths'] as Record<
    string,
    {
      post: {
        requestBody: { content: Record<string, { examples: { example: { value: object } } }> };
      };
    }
  >;
  const refused: string[] = [];
  for (const name of Object.keys(commandRoutes) as Name[]) {
    const rulebooks = (before[name] ?? []).filter(([command]) => command === 'PublishRulebook');
    for (const [command, body] of rulebooks)
      await ask('POST', `/commands/${command}`, { body, as: tokens['administrator']! });
    const lines = (before[name] ?? [])
      .filter(([command]) => command !== 'PublishRulebook')
      .map(([command, data]) => JSON.stringify({ command, data }));
    const headers = { 'content-type': 'application/x-ndjson' };
    if (lines.length > 0) await ask('POST', '/import', { body: lines.join('\n'), headers });
    const { value } =
      paths[`/commands/${name}`]!.post.requestBody.content['application/json']!.examples.example;
    const as = tokens[name.startsWith('Publish') ? 'administrator' : 'staff']!;
    const { status, text }: Answered = await ask('POST', `/commands/${name}`, { body: value, as });
    if (status !== 201) refused.push(`${name}: ${status} ${text}`);
  }
  return refused;
}
