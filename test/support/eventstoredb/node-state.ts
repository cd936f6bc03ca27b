import type { Metadata } from '@grpc/grpc-js';
import type { Connections } from './connections.js';
import type { Disk } from './disk.js';
import type { Endpoint } from './errors.js';
import type { Faults } from './faults.js';
import type { WireLog } from './wire-log.js';

/** The name of a call. */
export type Method =
  | 'append'
  | 'batch-append'
  | 'read'
  | 'subscribe'
  | 'delete'
  | 'tombstone'
  | 'features'
  | 'gossip'
  | 'create-user';

/** A call as it arrived: for assertions on what the client really sent. */
export interface SeenCall {
  readonly method: Method;
  /** The user of the Basic credentials, or none came. */
  readonly user: string | undefined;
  readonly requiresLeader: boolean;
}

/** The state that the services of one node use. */
export interface NodeState {
  readonly log: WireLog;
  readonly disk: Disk;
  readonly faults: Faults;
  readonly connections: Connections;
  readonly calls: SeenCall[];
  /** In bytes, of one append. */
  readonly maxAppendBytes: number;
  readonly sendsCaughtUp: boolean;
  /** Credentials that every call must carry; none are asked for unless given. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** The leader's address when another node leads. */
  readonly leaderElsewhere: () => Endpoint | undefined;
}

/** The part of a call that names who speaks. */
export interface Caller {
  readonly metadata: Metadata;
  getPeer(): string;
}
