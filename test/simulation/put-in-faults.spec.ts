import './simulated-host.js';
import type { LedgerEvent } from '@penalty-ledger/ledger';
import { EventFeed } from '../../libs/application/src/answering/event-feed.js';
import { RegisteredIds } from '../../libs/application/src/recording/registered-ids.js';
import { WriterLease } from '../../libs/application/src/shared-engine/writer-lease.js';
import { Engine } from '../../libs/event-store/src/eventstoredb/engine.js';
import { ReadModels } from '../../libs/projections/src/read-models.js';
import { SimulatedDisk } from '../power-loss/simulated-disk.js';
import { engineRuns } from './engine-place.js';
import { machineRuns } from './machine-place.js';
import { firstProblem, type Run } from './schedule-check.js';
import { engineSchedules, machineSchedules } from './schedules.js';
import { SimulatedEngine } from './simulated-engine.js';

// A checker that cannot fail is no checker: each fault that is put in must be found.
jest.setTimeout(300_000);

/** The schedules within which a fault must show. */
const within = 150;

afterEach(() => jest.restoreAllMocks());

describe('of nodes on an engine', () => {
  let run: Run;
  beforeAll(async () => {
    run = await engineRuns();
  });
  const found = (): Promise<string | undefined> =>
    firstProblem(run, { schedules: engineSchedules, count: within });

  it('a node that forgets its lease is found', async () => {
    jest.spyOn(WriterLease.prototype, 'isHeld').mockReturnValue(true);
    expect(await found()).toBeDefined();
  });

  it('ids that a node has forgotten are found', async () => {
    jest.spyOn(RegisteredIds.prototype, 'registered').mockReturnValue(undefined);
    expect(await found()).toBeDefined();
  });

  it('read models that pass over an event are found', async () => {
    const apply = ReadModels.prototype.apply;
    jest.spyOn(ReadModels.prototype, 'apply').mockImplementation(function (
      this: ReadModels,
      ...call
    ) {
      const [events, ...rest] = call;
      const isFolded = ({ type }: LedgerEvent, index: number): boolean =>
        type !== 'DeductionImposed' || index === events.length - 1;
      return apply.call(this, events.filter(isFolded), ...rest);
    });
    expect(await found()).toBeDefined();
  });

  it('an engine that acknowledges an append and loses it is found', async () => {
    let stored = 0;
    const append = SimulatedEngine.prototype.append;
    jest.spyOn(SimulatedEngine.prototype, 'append').mockImplementation(function (
      this: SimulatedEngine,
      ...call
    ) {
      const before = this.log.slots.length;
      const result = append.apply(this, call);
      stored += 1;
      if (stored % 37 === 0 && this.log.slots.length > before) this.log.cutTo(before);
      return result;
    });
    expect(await found()).toBeDefined();
  });

  it('a webhook that passes over an event is found', async () => {
    const follow = EventFeed.prototype.follow;
    jest.spyOn(EventFeed.prototype, 'follow').mockImplementation(async function* (
      this: EventFeed,
      ...call
    ) {
      for await (const batch of follow.apply(this, call))
        yield {
          ...batch,
          events: batch.events.filter(({ event }) => event.type !== 'CreatorBound'),
        };
    });
    expect(await found()).toMatch(/webhook|receiver/);
  });

  it('an outcome that is not known and is taken for a success is found', async () => {
    const append = Engine.prototype.append;
    jest.spyOn(Engine.prototype, 'append').mockImplementation(function (this: Engine, ...call) {
      const [, expected, events] = call;
      const revision = (expected === 'no_stream' ? -1 : expected) + events.length;
      const success = { revision, position: '9000000/9000000' };
      return append.apply(this, call).catch((error: unknown) => {
        if (String(error).includes('gave up')) return success;
        throw error;
      });
    });
    expect(await found()).toBeDefined();
  });
});

describe('of one machine', () => {
  let run: Run;
  beforeAll(async () => {
    run = await machineRuns();
  });
  const found = (): Promise<string | undefined> =>
    firstProblem(run, { schedules: machineSchedules, count: within });

  it('ids that the ledger has forgotten are found', async () => {
    jest.spyOn(RegisteredIds.prototype, 'registered').mockReturnValue(undefined);
    expect(await found()).toBeDefined();
  });

  it('a disk that loses what it says it has synced is found', async () => {
    jest.spyOn(SimulatedDisk.prototype, 'sync').mockReturnValue();
    expect(await found()).toBeDefined();
  });
});
