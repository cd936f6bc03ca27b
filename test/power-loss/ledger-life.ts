import assert from 'node:assert/strict';
import {
  applyLines,
  importRules,
  openLedger,
  readLines,
  type OpenedLedger,
} from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { AccessLog, Anchors, type Access } from '@penalty-ledger/application/access-log';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { Webhooks } from '@penalty-ledger/application/webhooks';
import { secretsInMemory } from '../support/webhook-secrets.js';
import { instantOf, type Instant } from '@penalty-ledger/ledger';
import { diskRoot, type SimulatedDisk } from './simulated-disk.js';

const stem = `${diskRoot}/data/ledger`;
export const url = `sqlite:${stem}.db`;
export const paths = {
  events: `${stem}.db`,
  readModels: `${stem}.views.db`,
  keys: `${stem}.keys.db`,
  log: `${stem}.log.db`,
  access: `${stem}.access.db`,
  accessLog: `${stem}.access.ndjson`,
} as const;

/** A text of a person or business, sealed with the key of its subject. */
export const noticeOf = (deductionId: string): string => `notice of ${deductionId}`;

type Line = Readonly<{ command: string; data: Readonly<Record<string, unknown>> }>;

const agencies = ['a1', 'a2', 'a3'];
const deductionsOf = (agencyId: string): readonly string[] =>
  ['1', '2', '3'].map((number) => `d-${agencyId}-${number}`);

const roster: readonly Line[] = agencies.flatMap((agencyId) => [
  {
    command: 'AdmitAgency',
    data: { agencyId, name: `Agency ${agencyId}`, effectiveAt: '2018-01-01T00:00:00+08:00' },
  },
  {
    command: 'BindCreator',
    data: {
      agencyId,
      creatorId: `c-${agencyId}`,
      name: `Creator of ${agencyId}`,
      effectiveAt: '2018-02-01T00:00:00+08:00',
    },
  },
]);
const deductions: readonly Line[] = agencies.flatMap((agencyId) =>
  deductionsOf(agencyId).map((deductionId, index) => ({
    command: 'RecordDeduction',
    data: {
      deductionId,
      agencyId,
      points: 10,
      clause: 'improper-operation',
      occurredAt: `2019-06-0${String(index + 1)}T10:00:00+08:00`,
      effectiveAt: `2019-06-0${String(index + 2)}T10:00:00+08:00`,
      notice: { text: noticeOf(deductionId) },
    },
  })),
);
const sessions: readonly Line[] = Array.from({ length: 12 }, (_, index) => ({
  command: 'RecordSession',
  data: {
    sessionId: `s${String(index)}`,
    creatorId: `c-${agencies[index % agencies.length]!}`,
    startedAt: `2019-04-${String(index + 1).padStart(2, '0')}T10:00:00+08:00`,
    endedAt: `2019-04-${String(index + 1).padStart(2, '0')}T12:00:00+08:00`,
  },
}));
const later: readonly Line[] = agencies.flatMap((agencyId) => [
  { command: 'RecordRevocation', data: { deductionId: `d-${agencyId}-1`, reason: 'as checked' } },
  {
    command: 'InitiateAppeal',
    data: {
      appealId: `p-${agencyId}`,
      agencyId,
      deductionIds: [`d-${agencyId}-2`],
      grounds: `grounds of ${agencyId}`,
    },
  },
]);

/** The lines of the whole life, in order; what a file would hold that is imported again. */
export const lines = [...roster, ...deductions, ...sessions, ...later];
export const batches = [roster, deductions, sessions, later];

/** The subject whose data are erased: the creator of an agency without an open appeal then. */
export const erasedSubject = 'creator:c-a3';
/** The line with the subject's data. */
const erasedLine = lines.findIndex(({ data }) => data['name'] === 'Creator of a3') + 1;

/** A clock that moves on by a millisecond with every look. */
export function movingClock(start = '2020-01-01T00:00:00Z'): { now: () => Instant } {
  let epochMs = Date.parse(start);
  return { now: () => instantOf((epochMs += 1)) };
}

export const accessOf = (requestId: string): Access => ({
  principal: 'key:1f0c9a3b7d4c',
  role: 'auditor',
  method: 'GET',
  route: '/agencies/:agencyId/balance',
  subject: { agencyId: 'a1' },
  status: 200,
  requestId,
});

/** Takes lines as `import` does, after those that were taken before in the same file. */
export async function importLines(
  { send }: OpenedLedger,
  clock: { now: () => Instant },
  taken: readonly Line[],
  acknowledged: (line: number, status: string) => void,
): Promise<void> {
  const text = Buffer.from(taken.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const read = readLines(
    (async function* () {
      yield await Promise.resolve(text);
    })(),
  );
  for await (const batch of applyLines(read, importRules(clock), { send }))
    for (const {
      text: { line },
      outcome,
    } of batch) {
      // Data that were erased cannot be compared with what is sent: such a line is refused.
      if (line === erasedLine && outcome.status === 'rejected') continue;
      assert.notEqual(
        outcome.status,
        'rejected',
        `line ${String(line)}: ${outcome.message?.en ?? ''}`,
      );
      acknowledged(line, outcome.status);
    }
}

/** Does once everything that a ledger and its service do with the disk, each step acknowledged. */
export async function live(disk: SimulatedDisk, endProcess: () => void): Promise<void> {
  const clock = movingClock();
  const service = await openService(clock);
  const { key, token } = service.apiKeys.issueFirst(clock.now())!;
  disk.acknowledged(`issued ${token}`);
  const { webhook } = service.webhooks.add(
    { url: 'https://hooks.example.com/' },
    undefined,
    clock.now(),
  );
  disk.acknowledged(`webhook ${webhook.id}`);
  const log = async (...requestIds: string[]): Promise<void> => {
    const record = async (requestId: string): Promise<void> => {
      await service.accessLog.record(accessOf(requestId));
      disk.acknowledged(`logged ${requestId}`);
    };
    await Promise.all(requestIds.map(record));
  };
  await log('r1');
  await log(...Array.from({ length: 6 }, (_, index) => `r${String(index + 2)}`));

  let opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  const waiting = [...batches];
  let taken: readonly Line[] = [];
  const importNext = async (count: number): Promise<void> => {
    for (const batch of waiting.slice(0, count)) {
      const before = taken.length;
      taken = [...taken, ...batch];
      await importLines(opened, clock, taken, (line, status) => {
        assert.equal(status, line > before ? 'accepted' : 'duplicate');
        if (line > before) disk.acknowledged(`accepted ${String(line)}`);
      });
    }
    waiting.splice(0, count);
  };
  await importNext(2);
  disk.acknowledged(`checkpoint ${await opened.checkpoint()}`);
  disk.acknowledged(`ending ${token}`);
  const rotated = service.apiKeys.rotate(key.id, clock.now(), 0);
  disk.acknowledged(`ended ${token}`);
  disk.acknowledged(`issued ${rotated.token}`);
  const subjectKey = opened.ledger.parts.keys.find(erasedSubject)!;
  disk.acknowledged(`key ${Buffer.from(subjectKey).toString('hex')}`);
  const { status } = await opened.ledger.erase({ subject: erasedSubject }, 'o1', clock.now());
  assert.equal(status, 'accepted');
  disk.acknowledged(`erased ${erasedSubject}`);
  await importNext(1);
  await log('r8', 'r9');
  await opened.close();
  endProcess();

  opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  await importNext(1);
  disk.acknowledged(`checkpoint ${await opened.checkpoint()}`);
  const again = await openService(clock);
  disk.acknowledged(`ending ${rotated.token}`);
  again.apiKeys.revoke(key.id, clock.now());
  disk.acknowledged(`ended ${rotated.token}`);
  await again.close();
  await opened.close();
  disk.acknowledged('closed');
}

/**
 * The life after the process was stopped: all is opened, some batches are sent again, and the power
 * may go before anything is closed.
 */
export async function liveAgain(disk: SimulatedDisk, count: number): Promise<void> {
  const clock = movingClock('2020-01-15T00:00:00Z');
  const service = await openService(clock);
  await service.accessLog.record(accessOf('again'));
  disk.acknowledged('logged again');
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  await importLines(opened, clock, batches.slice(0, count).flat(), (line) => {
    disk.acknowledged(`accepted ${String(line)}`);
  });
  disk.acknowledged(`checkpoint ${await opened.checkpoint()}`);
}

/** Opens the files that the HTTP service keeps beside a ledger. */
export async function openService(clock: { now: () => Instant }) {
  const file = AccessFile.open(paths.access);
  const anchors = new Anchors(file);
  const accessLog = await AccessLog.open({ path: paths.accessLog, anchors, clock });
  return {
    anchors,
    accessLog,
    apiKeys: new ApiKeys(file),
    webhooks: new Webhooks(file, { secrets: secretsInMemory() }),
    close: async (): Promise<void> => {
      await accessLog.close();
      file.close();
    },
  };
}
