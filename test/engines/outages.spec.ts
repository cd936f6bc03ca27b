import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerNode, type Clock } from '@penalty-ledger/application';
import { instantOf } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';
import { WireServer } from '../support/eventstoredb/index.js';
import { eventually } from './node-process.js';

const folder = temporaryFolder();
const environment = process.env;
const termMs = 6_000;

let server: WireServer;
let node: LedgerNode;
// Terms are measured on a clock that stands still, so that none ends by itself.
let nowMs = Date.UTC(2030, 0, 1);
const clock: Clock = { now: () => instantOf(nowMs) };

beforeEach(async () => {
  server = await WireServer.start();
  const files = mkdtempSync(join(folder, 'node-'));
  process.env = {
    ...environment,
    LEDGER_ALLOW_INSECURE: '1',
    LEDGER_DATA: files,
    LEDGER_KEYS: join(files, 'shared.keys.db'),
  };
  node = await LedgerNode.open({
    url: server.url,
    simulation: false,
    clock,
    node: { holder: 'one', termMs },
  });
});

afterEach(async () => {
  await node.close();
  await server.stop();
  process.env = environment;
});

const terms = (): readonly unknown[] =>
  server.log
    .events('ledger:terms')
    .map(({ data }) => JSON.parse(Buffer.from(data).toString()) as unknown);

it('a node takes its own lease back when the engine is there again, before its end', async () => {
  expect(node.role).toBe('writer');
  await server.down();
  nowMs += termMs * 0.95;
  await eventually('the lease is lost', async () => Promise.resolve(node.role === 'reader'));
  await server.up();
  await eventually('it writes again', async () => Promise.resolve(node.role === 'writer'));
  expect(terms()).toEqual([
    { holder: 'one', term: 1 },
    { holder: 'one', term: 2 },
  ]);
});

it('a node does not take a lease back that another holds', async () => {
  await server.down();
  nowMs += termMs * 0.95;
  await eventually('the lease is lost', async () => Promise.resolve(node.role === 'reader'));
  nowMs += termMs;
  await server.up();
  server.log.append('ledger:writer', 'any', [
    {
      id: '7a0f7d31-0b3e-4b53-9d5a-2f1f6f0d7a10',
      type: 'LeaseTermSet',
      contentType: 'application/json',
      data: Buffer.from(
        JSON.stringify({
          holder: 'two',
          epoch: 2,
          until: instantOf(nowMs + termMs),
          released: false,
        }),
      ),
      metadata: Buffer.from('{}'),
    },
  ]);
  await eventually('it sees the other', async () =>
    Promise.resolve(node.lease?.holder === 'another_node'),
  );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(node.role).toBe('reader');
  expect(terms()).toEqual([{ holder: 'one', term: 1 }]);
});

it('a node keeps its lease over an outage that is shorter than its term', async () => {
  await server.down();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await server.up();
  const { ledger } = node.writer!;
  expect(ledger.isRunning).toBe(true);
  await node.writer!.checkpoint();
  expect(terms()).toHaveLength(1);
});
