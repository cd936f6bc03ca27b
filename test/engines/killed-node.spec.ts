import { once } from 'node:events';
import { join } from 'node:path';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { checkConsistency, openCheckpoint, parseVerifierKey } from '@penalty-ledger/merkle-log';
import { WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';
import { eventually, startNode, type NodeProcess } from './node-process.js';

let server: WireServer;
let nodes: NodeProcess[];
let administrator: string;
let token: string;

afterAll(async () => {
  for (const { child } of nodes) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await server.stop();
});
const folder = temporaryFolder();
beforeAll(async () => {
  server = await WireServer.start();
  const first = await startNode(server.url, folder, 'one');
  nodes = [first, await startNode(server.url, folder, 'two')];
  administrator = first.token!;
  const issued = await post(
    first,
    '/keys',
    { label: 'l', holder: 'h', roles: ['officer', 'auditor'] },
    administrator,
  );
  token = ((await issued.json()) as { token: string }).token;
}, 30_000);

const get = ({ url }: NodeProcess, path: string): Promise<Response> =>
  fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });

const post = ({ url }: NodeProcess, path: string, body: object, as = token): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const admit = (node: NodeProcess, agencyId: string): Promise<Response> =>
  post(node, '/commands/AdmitAgency', { agencyId, name: 'x' });

/** Sends a command that makes no key, so that a paused node holds no lock on a shared file. */
const observe = (node: NodeProcess, id: string): Promise<Response> =>
  fetch(`${node.url}/commands/ObservePlatformBalance`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': id,
    },
    body: JSON.stringify({ agencyId: 'after', balance: 0, observedAt: '2026-01-01T00:00:00Z' }),
  });

const isWriter = async (node: NodeProcess): Promise<boolean> =>
  (await get(node, '/health/writer')).status === 200;

/** Sends with eight senders until they are refused or cut off; collects the acknowledged ids. */
function load(send: (id: string) => Promise<Response>, whenAcknowledged: (count: number) => void) {
  const acknowledged: string[] = [];
  const sender = async (n: number): Promise<void> => {
    for (let i = 0; ; i += 1) {
      const id = `load-${n}-${i}`;
      const status = await send(id).then(
        (response) => response.status,
        () => 0,
      );
      if (status !== 201) return;
      acknowledged.push(id);
      whenAcknowledged(acknowledged.length);
    }
  };
  const done = Promise.all(Array.from({ length: 8 }, (_, n) => sender(n)));
  return { acknowledged, done };
}

/** Every agency a node knows. */
async function agencies(node: NodeProcess): Promise<ReadonlySet<string>> {
  const { items } = (await (await get(node, '/agencies?limit=1000')).json()) as {
    items: { agencyId: string }[];
  };
  return new Set(items.map(({ agencyId }) => agencyId));
}

/** Returns the number of observations in the feed. */
async function observed(node: NodeProcess): Promise<number> {
  const answer = await get(node, '/events?type=PlatformBalanceObserved&limit=1000');
  return ((await answer.json()) as { items: object[] }).items.length;
}

/** Verifies the complete ledger, with the files of one node. */
async function verified(name: string) {
  const before = process.env;
  process.env = {
    ...before,
    LEDGER_ALLOW_INSECURE: '1',
    LEDGER_DATA: join(folder, name),
    LEDGER_KEYS: join(folder, 'shared.keys.db'),
  };
  try {
    return await verifyLedger({ url: server.url });
  } finally {
    process.env = before;
  }
}

it('a killed writer loses no acknowledged command; the other node takes over', async () => {
  const [one, two] = nodes as [NodeProcess, NodeProcess];
  const sent = load(
    (id) => admit(one, id),
    (count) => {
      if (count === 40) one.child.kill('SIGKILL');
    },
  );
  await sent.done;
  expect(sent.acknowledged.length).toBeGreaterThanOrEqual(40);
  await eventually('the other node took over', () => isWriter(two));
  const known = await agencies(two);
  expect(sent.acknowledged.filter((agencyId) => !known.has(agencyId))).toEqual([]);
  const [again] = sent.acknowledged;
  expect((await admit(two, again!)).status).toBe(200);
  expect((await admit(two, 'after')).status).toBe(201);

  const key = parseVerifierKey((await (await get(two, '/verifier-key')).text()).trim());
  await post(two, '/checkpoints', {});
  const kept = (await (await get(two, '/checkpoints')).json()) as { size: number; note: string }[];
  const checkpoints = kept.map(({ note }) => openCheckpoint(note, [key]));
  expect(checkpoints.length).toBeGreaterThan(1);
  for (const [index, later] of checkpoints.entries()) {
    const earlier = checkpoints[index - 1];
    if (earlier === undefined) continue;
    const answer = await get(two, `/proofs/consistency?from=${earlier.size}&to=${later.size}`);
    const { proof } = (await answer.json()) as { proof: string[] };
    checkConsistency(earlier.size, earlier.root, later.size, later.root, proof);
  }
}, 40_000);

it('a writer that was paused appends nothing when it goes on, and is a reader', async () => {
  const [, two] = nodes as [NodeProcess, NodeProcess];
  const three = await startNode(server.url, folder, 'one');
  nodes.push(three);
  expect(await isWriter(three)).toBe(false);
  const sent = load(
    (id) => observe(two, id),
    (count) => {
      if (count === 40) two.child.kill('SIGSTOP');
    },
  );
  await eventually('the other node took over', () => isWriter(three));
  expect((await observe(three, 'meanwhile')).status).toBe(201);
  const recorded = await observed(three);
  expect(recorded).toBeGreaterThan(40);

  two.child.kill('SIGCONT');
  await sent.done;
  await eventually(
    'the paused node reads',
    async () => (await get(two, '/health/ready')).status === 200,
  );
  expect((await observe(two, 'from-the-past')).status).toBe(503);
  expect(await observed(three)).toBe(recorded);
  for (const id of sent.acknowledged) expect((await observe(three, id)).status).toBe(200);
  const { position } = (await (await admit(three, 'last')).json()) as { position: string };
  expect((await get(two, `/agencies/last?atLeast=${position}`)).status).toBe(200);
}, 40_000);

it('the complete ledger verifies after these failures', async () => {
  const { child } = nodes.at(-1)!;
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await verified('one')).toMatchObject({ holds: true });
}, 20_000);
