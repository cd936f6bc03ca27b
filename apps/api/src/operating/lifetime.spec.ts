import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestApplication } from '@nestjs/core';
import { LedgerNode } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { AccessLog } from '@penalty-ledger/application/access-log';
import { AccessCopy } from '../access-copy/access-copy.js';
import { EvidencePacks } from '../evidence/evidence-packs.js';
import { AccessTrail } from '../served/access-trail.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { WebhookDelivery } from '../webhooks/webhook-delivery.js';
import { closingOrder, serve, type Serving } from './lifetime.js';
import { PromotionWatch } from './promotion-watch.js';
import { Rebuilds } from './rebuilds.js';
import { readSettings, type Settings } from './settings.js';

let folder: string;
let closed: string[];
let serving: Serving | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifetime-'));
  closed = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  await serving?.close().catch(() => undefined);
  serving = undefined;
  rmSync(folder, { recursive: true });
});

const settings = (port = 0): Settings =>
  readSettings({
    LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
    LEDGER_PORT: String(port),
    LEDGER_LOG_LEVEL: 'silent',
    LEDGER_ACCESS_LOG_COPY: `file:${join(folder, 'copy.ndjson')}`,
  });

/** Notes what is closed from now on; it is closed all the same. */
function watch(): void {
  const note = <Name extends string>(part: string, of: Record<Name, unknown>, method: Name) => {
    const close = of[method] as (...given: unknown[]) => unknown;
    jest.spyOn(of as never, method as never).mockImplementation(function (
      this: unknown,
      ...given: unknown[]
    ) {
      closed.push(part);
      return close.apply(this, given);
    } as never);
  };
  note('timers', ServedLedger.prototype, 'beginClosing');
  note('promotions', PromotionWatch.prototype, 'stop');
  note('requests', NestApplication.prototype, 'close');
  note('packs', EvidencePacks.prototype, 'close');
  note('webhooks', WebhookDelivery.prototype, 'stop');
  note('merkleLog', ServedLog.prototype, 'close');
  note('ledger', LedgerNode.prototype, 'close');
  note('rebuilds', Rebuilds.prototype, 'stop');
  note('acts', AccessTrail.prototype, 'takeActs');
  note('accessCopy', AccessCopy.prototype, 'close');
  note('accessLog', AccessLog.prototype, 'close');
  note('access', AccessFile.prototype, 'close');
}

/** The parts of a service on a SQLite store that sends no spans. */
const expected = closingOrder.filter((part) => part !== 'anchors' && part !== 'traces');

it('closes every part in the stated order', async () => {
  serving = await serve(settings());
  watch();
  await serving.close();
  expect(closed).toEqual(expected);
});

it('closes the other parts when one fails to', async () => {
  serving = await serve(settings());
  watch();
  jest.spyOn(EvidencePacks.prototype, 'close').mockRejectedValue(new Error('no packs'));
  await expect(serving.close()).rejects.toThrow('no packs');
  expect(closed).toEqual(expected.filter((part) => part !== 'packs'));
  jest.restoreAllMocks();
  // Nothing holds the store's lock.
  serving = await serve(settings());
});

describe('when the port is taken while the ledger is opened', () => {
  let taken: Server;
  const take = (port: number): Promise<void> =>
    new Promise((resolve) => taken.listen(port, '127.0.0.1', resolve));
  beforeEach(async () => {
    taken = createServer();
    await take(0);
  });
  afterEach(() => new Promise((resolve) => taken.close(resolve)));

  it('closes every part that was opened, in the stated order', async () => {
    watch();
    const { port } = taken.address() as AddressInfo;
    // The service tries its port first, and finds it free.
    await new Promise((resolve) => taken.close(resolve));
    const open = LedgerNode.open.bind(LedgerNode);
    jest.spyOn(LedgerNode, 'open').mockImplementation(async (asked) => {
      await take(port);
      return open(asked);
    });
    await expect(serve(settings(port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    // The access trail took in what was left when it was opened, too.
    const opening = ['acts'];
    expect(closed).toEqual([...opening, ...expected.filter((part) => part !== 'timers')]);
  });
});
