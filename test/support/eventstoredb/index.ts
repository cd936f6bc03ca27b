export { changeEvent, cutOff, removeEvent, scavenge } from './damage.js';
export type { Endpoint } from './errors.js';
export { FaultyLink, type Way } from './faulty-link.js';
export type {
  AppendFault,
  CallFault,
  Faults,
  FaultsByOperation,
  Loss,
  Operation,
  PendingFault,
  ReadFault,
} from './faults.js';
export type { SeenCall } from './node-state.js';
export { readEvents } from './read-call.js';
export { startOf } from './read-request.js';
export { expiredTls, testAuthority, testTls } from './test-certificate.js';
export { WireCluster } from './wire-cluster.js';
export {
  comparePositions,
  jsonProposal,
  tombstoneRevision,
  type ExpectedRevision,
  type ProposedEvent,
  type WireEvent,
  type WirePosition,
} from './wire-event.js';
export {
  WireLog,
  type AllRead,
  type AppendResult,
  type Slot,
  type StreamRead,
  type WireLogOptions,
} from './wire-log.js';
export { WireServer, type WireServerOptions } from './wire-server.js';
export type { WireUser } from './users-call.js';
export type { WireSubscription } from './wire-subscription.js';
