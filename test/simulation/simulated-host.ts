// Import this before anything of the ledger: it puts virtual time, seeded chance, simulated disks
// and a simulated engine under the program.
import '../power-loss/simulated-machine.js';
import type * as Crypto from 'node:crypto';
import type * as Hooks from 'node:perf_hooks';
import type * as Buses from './direct-buses.js';
import type * as Connection from './simulated-connection.js';
import type * as Receiver from './webhook-receiver.js';
import type * as Host from './simulated-timers.js';

const timers = (): typeof Host => jest.requireActual('./simulated-timers');

jest.mock('node:timers/promises', () => timers().simulatedTimerPromises);
jest.mock('node:crypto', () =>
  timers().withSeededChance(jest.requireActual<typeof Crypto>('node:crypto')),
);
jest.mock('node:perf_hooks', () => ({
  ...jest.requireActual<typeof Hooks>('node:perf_hooks'),
  performance: timers().simulatedPerformance,
}));
jest.mock('../../libs/event-store/src/eventstoredb/client/engine-connection', () => ({
  EngineConnection:
    jest.requireActual<typeof Connection>('./simulated-connection').SimulatedConnection,
}));
// It looks for a cause on the real network, where there is nothing.
jest.mock('../../libs/event-store/src/eventstoredb/connection-cause', () => ({
  connectionCause: () => Promise.resolve(undefined),
}));
jest.mock('../../apps/api/src/webhooks/send', () => {
  const { receiver } = jest.requireActual<typeof Receiver>('./webhook-receiver');
  return { send: receiver.send.bind(receiver) };
});
// The container only passes messages on, and takes a tenth of each run to be made.
jest.mock('@nestjs/core', () => ({
  ...jest.requireActual<object>('@nestjs/core'),
  NestFactory: jest.requireActual<typeof Buses>('./direct-buses').DirectBuses,
}));
Object.assign(globalThis, timers().simulatedTimers);
Object.defineProperty(globalThis, 'performance', { value: timers().simulatedPerformance });
