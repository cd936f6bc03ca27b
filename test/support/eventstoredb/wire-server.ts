import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { meetFault, refusal } from './admission.js';
import { appendCall } from './append-call.js';
import { batchAppendCall } from './batch-append-call.js';
import { Connections } from './connections.js';
import { deleteCall, tombstoneCall } from './delete-calls.js';
import { Disk } from './disk.js';
import type { Endpoint } from './errors.js';
import { Faults } from './faults.js';
import type { NodeState, SeenCall } from './node-state.js';
import {
  features,
  featureServices,
  gossip,
  gossipServices,
  shared,
  streamServices,
  userServices,
} from './protocol.js';
import { readCall } from './read-call.js';
import { createUserCall, type WireUser } from './users-call.js';
import { WireLog } from './wire-log.js';
import type { WireSubscription } from './wire-subscription.js';

/** Options of a {@link WireServer}. */
export interface WireServerOptions {
  /** The log it serves; several servers may share one. A new one unless given. */
  readonly log?: WireLog;
  /** Any that is free unless given. */
  readonly port?: number;
  /** Offers the batch protocol, which the client then prefers; true by default. */
  readonly batchAppend?: boolean;
  /** The release that it reports. */
  readonly version?: string;
  /**
   * The time in milliseconds in which an append becomes durable, before it is answered; those that
   * come meanwhile become durable together. 0 unless given.
   */
  readonly syncMs?: number;
  /** The most bytes in one append; 1 MiB unless given, as up to release 24.10. */
  readonly maxAppendBytes?: number;
  /**
   * The maximum of open calls on one connection; 100 by default, as in the server. Others wait,
   * unseen.
   */
  readonly maxConcurrentStreams?: number;
  /** Notifies subscriptions that they caught up, as from release 23.10; true by default. */
  readonly sendsCaughtUp?: boolean;
  /** The one user every call must be of. The client sends credentials over TLS alone. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** A certificate and its key, in PEM; without them connections are plain. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
}

const host = '127.0.0.1';

/**
 * A test double of EventStoreDB at the level of its wire: a gRPC server in this process. The real
 * client connects to it over a real socket. It is a test tool, not a database: everything is in
 * memory and one log has one writer.
 *
 * It models appending by both protocols, reading and subscribing with filters, stream metadata,
 * deletion, created users, gossip, and the errors the client understands. It fails on demand, see
 * {@link WireServer.faults}:
 *
 *     const server = await WireServer.start();
 *     server.faults.next('append', { kind: 'lose-reply' });
 *     const client = EventStoreDBClient.connectionString(server.url);
 *
 * It does not model links, persistent subscriptions, projections, rights, replication, or the time
 * an operation takes, but for the sync of an append.
 *
 * It was compared with a server of release 24.6 in random calls, and has its answers where it
 * showed others. Unconfirmed is the order in which reopening a deleted stream writes its metadata.
 * Where a real server differs, this one is wrong.
 */
export class WireServer {
  readonly log: WireLog;
  /** The faults requested by the test. */
  readonly faults = new Faults();
  /** All calls so far, in the order they arrived. */
  readonly calls: SeenCall[] = [];
  /** The subscriptions that are open now. */
  readonly subscriptions = new Set<WireSubscription>();
  /** The users that clients created, by login. */
  readonly users = new Map<string, WireUser>();
  /**
   * The node that leads, when it is another one. Calls that require the leader are then refused.
   */
  leader: WireServer | undefined;
  /** All nodes of the cluster, for gossip. */
  cluster: readonly WireServer[] = [this];
  /** Names the node in gossip. */
  readonly instanceId = randomUUID();

  readonly #secure: boolean;
  readonly #grpc: Server;
  readonly #connections: Connections;
  #isUp = true;

  private constructor(options: WireServerOptions, grpc: Server, connections: Connections) {
    this.log = options.log ?? new WireLog();
    this.#secure = options.tls !== undefined;
    this.#grpc = grpc;
    this.#connections = connections;
    const node: NodeState = {
      log: this.log,
      disk: new Disk(options.syncMs ?? 0),
      faults: this.faults,
      connections,
      calls: this.calls,
      maxAppendBytes: options.maxAppendBytes ?? 1024 * 1024,
      sendsCaughtUp: options.sendsCaughtUp ?? true,
      credentials: options.credentials,
      leaderElsewhere: () => this.leader?.endpoint,
    };
    grpc.addService(streamServices.StreamsService, {
      append: appendCall(node),
      batchAppend: batchAppendCall(node),
      read: readCall(node, this.subscriptions),
      delete: deleteCall(node),
      tombstone: tombstoneCall(node),
    });
    grpc.addService(featureServices.ServerFeaturesService, {
      getSupportedMethods: answering(node, 'features', () =>
        supportedMethods(options.version ?? '24.10.0.0', options.batchAppend ?? true),
      ),
    });
    grpc.addService(userServices.UsersService, { create: createUserCall(node, this.users) });
    grpc.addService(gossipServices.GossipService, {
      read: answering(node, 'gossip', () => clusterInfo(this)),
    });
  }

  /** Starts a server. Rejects when the port is taken. */
  static async start(options: WireServerOptions = {}): Promise<WireServer> {
    const grpc = new Server({
      'grpc.max_concurrent_streams': options.maxConcurrentStreams ?? 100,
      'grpc.max_receive_message_length': 17 * 1024 * 1024,
    });
    const credentials =
      options.tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { cert_chain: options.tls.certificate, private_key: options.tls.key },
          ]);
    const injector = grpc.createConnectionInjector(credentials);
    const connections = await Connections.listen(host, options.port ?? 0, (socket) =>
      injector.injectConnection(socket),
    );
    return new WireServer(options, grpc, connections);
  }

  /** The number of connections accepted so far. */
  get connectionsMade(): number {
    return this.#connections.accepted;
  }

  /** The address on which it listens. */
  get endpoint(): Endpoint {
    return { host, port: this.#connections.port };
  }

  /** The connection URL for a client, without credentials or a CA file. */
  get url(): string {
    // A certificate names hosts: Node has no server name indication for an address.
    const name = this.#secure ? 'localhost' : host;
    return `esdb://${name}:${this.#connections.port}?tls=${this.#secure}`;
  }

  /** True while it accepts connections. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Breaks all connections; new ones are accepted at once. */
  breakConnections(): void {
    this.#connections.breakAll();
  }

  /**
   * Breaks all connections and refuses new ones until {@link up}, as a node that died. Its log
   * stays.
   */
  async down(): Promise<void> {
    this.#isUp = false;
    await this.#connections.down();
  }

  /** Listens again on the same port without its memory of recent ids, as a node that restarted. */
  async up(): Promise<void> {
    this.log.forgetRecentIds();
    await this.#connections.up();
    this.#isUp = true;
  }

  /** Breaks all connections, and accepts new ones without ever answering until {@link hear}. */
  goDeaf(): void {
    this.#connections.deaf = true;
    this.#connections.breakAll();
  }

  /** Ends what {@link goDeaf} began; connections made meanwhile are broken. */
  hear(): void {
    this.#connections.deaf = false;
    this.#connections.breakAll();
  }

  /** Closes everything. */
  async stop(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.end();
    await this.down();
    this.#grpc.forceShutdown();
  }
}

function answering<Response>(
  node: NodeState,
  operation: 'features' | 'gossip',
  respond: () => Response,
) {
  return (call: ServerUnaryCall<shared.Empty, Response>, answer: sendUnaryData<Response>): void => {
    // Gossip comes before any credentials, from clients that look for a node.
    const refused =
      refusal({ ...node, credentials: undefined }, operation, call) ??
      meetFault(node, operation, call);
    if (refused === 'silence') return;
    if (refused === undefined) answer(null, respond());
    else answer(refused);
  };
}

function supportedMethods(version: string, batchAppend: boolean): features.SupportedMethods {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(version);
  for (const name of [
    'append',
    'read',
    'delete',
    'tombstone',
    ...(batchAppend ? ['batchappend'] : []),
  ]) {
    const method = new features.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams').setMethodName(name);
    supported.addMethods(method);
  }
  return supported;
}

function clusterInfo(server: WireServer): gossip.ClusterInfo {
  const { VNodeState } = gossip.MemberInfo;
  const info = new gossip.ClusterInfo();
  for (const node of server.cluster) {
    const { host: address, port } = node.endpoint;
    const member = new gossip.MemberInfo();
    member.setInstanceId(new shared.UUID().setString(node.instanceId));
    member.setTimeStamp('0');
    member.setState(node.leader === undefined ? VNodeState.LEADER : VNodeState.FOLLOWER);
    member.setIsAlive(node.isUp);
    member.setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(port));
    info.addMembers(member);
  }
  return info;
}
