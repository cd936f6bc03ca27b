import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  applyLines,
  KeyStore,
  openLedger,
  readLines,
  signingKeyName,
  simulationRules,
} from '@penalty-ledger/application';
import { backupLedger, restoreLedger, verifyBackup } from '@penalty-ledger/application/backing-up';
import { openLog } from '@penalty-ledger/application/open-log';
import { receiptOf } from '@penalty-ledger/application/receipt-of';
import { rotateSigningKey } from '@penalty-ledger/application/rotate-key';
import { verifyLedger, type VerifyLedger } from '@penalty-ledger/application/verification';
import { checkEventReceipt, followedKeys } from '@penalty-ledger/evidence';
import {
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import { temporaryFolder } from '../support/folder.js';
import { instant } from '../support/given.js';

const folder = temporaryFolder();
let next = 0;

/** A ledger with an agency, closed and so signed for. */
async function signedLedger() {
  next += 1;
  const stem = join(folder, `ledger-${next}`);
  const url = `sqlite:${stem}.db`;
  await admit(url, 'a1');
  return { url, keys: `${stem}.keys.db`, stem };
}

async function opened<Result>(
  url: string,
  work: (ledger: Awaited<ReturnType<typeof openLedger>>) => Promise<Result>,
): Promise<Result> {
  const ledger = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

const admit = (url: string, agencyId: string): Promise<void> =>
  opened(url, async ({ ledger, send }) => {
    const line = {
      at: '2019-01-02T09:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId, name: 'Agency' },
    };
    const given = readLines(Readable.from([Buffer.from(`${JSON.stringify(line)}\n`)]));
    for await (const batch of applyLines(given, simulationRules(ledger.clock), { send }))
      for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  });

const rotate = (url: string) =>
  opened(url, ({ ledger, checkpoint }) =>
    rotateSigningKey(ledger, checkpoint, { by: 'admin-1', now: ledger.clock }),
  );

async function receipt(url: string, stream: string, revision: number): Promise<string> {
  const log = await openLog(url);
  try {
    return await receiptOf(log, { stream, revision });
  } finally {
    await log.close();
  }
}

async function latest(url: string): Promise<string> {
  const log = await openLog(url);
  try {
    return await log.checkpoint();
  } finally {
    await log.close();
  }
}

async function problemsOf(given: Omit<VerifyLedger, 'onProgress'>): Promise<unknown> {
  const { checks } = await verifyLedger(given);
  return checks.flatMap(({ damages }) => damages);
}

test('who knows the old key follows to the new one by the receipt of the rotation', async () => {
  const { url } = await signedLedger();
  const before = await receipt(url, 'agency-a1', 0);
  const { previous, verifierKey, revision } = await rotate(url);
  const [old, fresh] = [parseVerifierKey(previous), parseVerifierKey(verifierKey)];
  expect(openCheckpoint(await latest(url), [old, fresh]).signedBy).toEqual([old, fresh]);
  await admit(url, 'a2');
  const after = await receipt(url, 'agency-a2', 0);
  const rotation = await receipt(url, 'ledger', revision);
  expect(checkEventReceipt(before, [old]).event.type).toBe('AgencyAdmitted');
  expect(() => checkEventReceipt(after, [old])).toThrow('none of the known keys signed');
  const known = followedKeys([old], [after, rotation]);
  expect(known).toEqual([{ ...old, until: 4 }, fresh]);
  expect(checkEventReceipt(after, known).event.stream).toBe('agency-a2');
  expect(checkEventReceipt(before, known).event.type).toBe('AgencyAdmitted');
  // Only the key before may say which one follows.
  expect(followedKeys([fresh], [rotation])).toEqual([fresh]);
});

test('a ledger holds across its keys: by its own, by the old one with the receipt', async () => {
  const { url } = await signedLedger();
  const first = await rotate(url);
  await admit(url, 'a2');
  const second = await rotate(url);
  await admit(url, 'a3');
  const rotations = await Promise.all(
    [first, second].map(async ({ revision }) => ({
      kind: 'receipt' as const,
      name: `rotation-${revision}`,
      bytes: Buffer.from(await receipt(url, 'ledger', revision)),
    })),
  );
  expect(await problemsOf({ url })).toEqual([]);
  const oldest = [parseVerifierKey(first.previous)];
  expect(await problemsOf({ url, keys: oldest })).toEqual([]);
  expect(await problemsOf({ url, keys: oldest, files: rotations })).toEqual([]);
  const stranger = [parseVerifierKey((await rotate((await signedLedger()).url)).previous)];
  expect(await problemsOf({ url, keys: stranger })).not.toEqual([]);
});

test('the key before is destroyed, and an older key file signs nothing', async () => {
  const { url, keys, stem } = await signedLedger();
  copyFileSync(keys, `${stem}.old-keys`);
  const { previous, verifierKey } = await rotate(url);
  await admit(url, 'a2');
  const store = KeyStore.open(keys);
  const { contents, name } = await opened(url, ({ ledger }) =>
    Promise.resolve({
      contents: store.contents().signing,
      name: signingKeyName(ledger.settings.ledgerId),
    }),
  );
  expect(contents.map((row) => row.name)).toEqual([name]);
  expect(store.findSigningKey(name)?.verifierKey).toBe(verifierKey);
  expect(verifierKey).not.toBe(previous);
  store.close();
  copyFileSync(`${stem}.old-keys`, keys);
  await expect(latest(url)).rejects.toMatchObject({ code: 'signing_key_lost' });
});

test('a key that was made and not recorded is the one that the next rotation takes', async () => {
  const { url, keys } = await signedLedger();
  const made = await opened(url, ({ ledger }) => {
    const name = signingKeyName(ledger.settings.ledgerId);
    const { keys: own } = ledger.parts;
    own.nextSigner(name);
    return Promise.resolve({ name, previous: own.signingKey(name).verifierKey });
  });
  // A key that was made, and that no event names, changes nothing.
  expect(
    openCheckpoint(await latest(url), [parseVerifierKey(made.previous)]).signedBy,
  ).toHaveLength(1);
  const { previous, verifierKey } = await rotate(url);
  expect(previous).toBe(made.previous);
  const store = KeyStore.open(keys);
  expect(store.findSigningKey(made.name)?.verifierKey).toBe(verifierKey);
  store.close();
});

/** Copies a ledger's files as a power cut would leave them. */
function cut(stem: string, name: string): string {
  const to = join(folder, name);
  for (const part of ['', '.keys', '.log', '.views'])
    for (const beside of ['', '-wal'])
      if (existsSync(`${stem}${part}.db${beside}`))
        copyFileSync(`${stem}${part}.db${beside}`, `${to}${part}.db${beside}`);
  return `sqlite:${to}.db`;
}

/** Rotates a ledger's key, and copies its files before the rotation signs, and before it ends. */
async function cutWhileRotating() {
  const { url, keys, stem } = await signedLedger();
  copyFileSync(keys, `${stem}.old-keys`);
  const states: Record<'recorded' | 'signed', string> = { recorded: '', signed: '' };
  const rotated = await opened(url, ({ ledger, checkpoint }) => {
    const { keys: own } = ledger.parts;
    const name = signingKeyName(ledger.settings.ledgerId);
    const signing = async (): Promise<string> => {
      states.recorded = cut(stem, `recorded-${next}`);
      const log = await openLog(url);
      await log.sequencer.checkpoint([own.signer(name), own.nextSigner(name)], ledger.clock);
      await log.close();
      states.signed = cut(stem, `signed-${next}`);
      return checkpoint();
    };
    return rotateSigningKey(ledger, signing, { by: 'admin-1', now: ledger.clock });
  });
  return { states, oldKeys: `${stem}.old-keys`, ...rotated };
}

test.each(['recorded', 'signed'] as const)(
  'a rotation that a power cut ended once it was %s goes on with the next signature',
  async (step) => {
    const { states, previous, verifierKey, revision } = await cutWhileRotating();
    const url = states[step];
    const both = [previous, verifierKey].map(parseVerifierKey);
    const log = await openLog(url);
    // A pack is signed by a key that is the ledger's for its checkpoint.
    expect(log.verifierKey).toBe(step === 'signed' ? verifierKey : previous);
    expect(openCheckpoint(await log.checkpoint(), both).signedBy).toEqual(both);
    expect(log.verifierKey).toBe(verifierKey);
    const contents = log.keys.contents().signing;
    await log.close();
    expect(contents).toHaveLength(1);
    await admit(url, 'a2');
    expect(await problemsOf({ url })).toEqual([]);
    const rotation = await receipt(url, 'ledger', revision);
    const after = await receipt(url, 'agency-a2', 0);
    const known = followedKeys([parseVerifierKey(previous)], [rotation]);
    expect(checkEventReceipt(after, known).event.stream).toBe('agency-a2');
  },
);

test('a recorded key that is lost lets nothing be signed until another rotation', async () => {
  const { states, oldKeys, previous } = await cutWhileRotating();
  const url = states.recorded;
  const keys = url.replace(/^sqlite:(.*)[.]db$/, '$1.keys.db');
  rmSync(`${keys}-wal`, { force: true });
  copyFileSync(oldKeys, keys);
  await expect(latest(url)).rejects.toMatchObject({ code: 'signing_key_lost' });
  const again = await rotate(url);
  expect(again.previous).toBe(previous);
  expect(await problemsOf({ url })).toEqual([]);
  expect(await problemsOf({ url, keys: [parseVerifierKey(previous)] })).toEqual([]);
});

/** The note of a checkpoint that an old key signs, over a ledger's events as they are. */
async function signedBy(url: string, key: SignerKey): Promise<string> {
  const { signedBy: _, ...checkpoint } = openCheckpoint(await latest(url), [
    ...(await opened(url, ({ ledger }) => {
      const name = signingKeyName(ledger.settings.ledgerId);
      return Promise.resolve([parseVerifierKey(ledger.parts.keys.signingKey(name).verifierKey)]);
    })),
  ]);
  return signCheckpoint(checkpoint, [key]);
}

test('what the key before signs after the rotation is refused by who knows of it', async () => {
  const { url, keys } = await signedLedger();
  const store = KeyStore.open(keys);
  const [{ name } = { name: '' }] = store.contents().signing;
  const old = store.signer(name);
  store.close();
  const { revision } = await rotate(url);
  await admit(url, 'a2');
  const forged = await signedBy(url, old);
  const rotation = await receipt(url, 'ledger', revision);
  expect(openCheckpoint(forged, [old]).size).toBe(6);
  const known = followedKeys([old], [rotation]);
  expect(() => openCheckpoint(forged, known)).toThrow(
    'that another one followed at leaf 4, and the tree has 6 leaves',
  );
  const files = [{ kind: 'checkpoint' as const, name: 'forged', bytes: Buffer.from(forged) }];
  expect(await problemsOf({ url, files })).toMatchObject([{ check: 'outside' }]);
});

test('a backup is verified, restored and signed for across a rotation', async () => {
  const { url, stem } = await signedLedger();
  const saved = `${stem}.backup`;
  const seal = { to: 'nobody' } as const;
  await backupLedger({ url, folder: saved });
  const { previous, revision } = await rotate(url);
  await admit(url, 'a2');
  await backupLedger({ url, folder: saved, keys: { path: `${stem}.keys`, seal } });
  const files = [
    {
      kind: 'receipt' as const,
      name: 'rotation',
      bytes: Buffer.from(await receipt(url, 'ledger', revision)),
    },
  ];
  const old = [parseVerifierKey(previous)];
  for (const given of [{}, { keys: old }, { keys: old, files }])
    expect(await verifyBackup({ folder: saved, ...given })).toMatchObject({ holds: true });
  const to = `sqlite:${stem}-restored.db`;
  await restoreLedger({ folder: saved, to, keys: { path: `${stem}.keys` } });
  await admit(to, 'a3');
  const again = await rotate(to);
  expect(again.previous).not.toBe(previous);
  expect(await problemsOf({ url: to })).toEqual([]);
  expect(await problemsOf({ url: to, keys: old })).toEqual([]);
});
