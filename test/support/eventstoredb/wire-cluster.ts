import { WireLog } from './wire-log.js';
import { WireServer, type WireServerOptions } from './wire-server.js';

/**
 * Nodes on one log, of which one leads. Replication is instant: each node shows the events that any
 * of them stored.
 */
export class WireCluster {
  readonly log: WireLog;
  readonly nodes: readonly WireServer[];

  private constructor(log: WireLog, nodes: readonly WireServer[]) {
    this.log = log;
    this.nodes = nodes;
    for (const node of nodes) node.cluster = nodes;
    this.elect(0);
  }

  /** Starts `size` nodes with equal options; the first leads. */
  static async start(
    size: number,
    options: Omit<WireServerOptions, 'port'> = {},
  ): Promise<WireCluster> {
    const log = options.log ?? new WireLog();
    const nodes = await Promise.all(
      Array.from({ length: size }, () => WireServer.start({ ...options, log })),
    );
    return new WireCluster(log, nodes);
  }

  /** The node that leads. Throws when the cluster has no nodes. */
  get leader(): WireServer {
    const leader = this.nodes.find((node) => node.leader === undefined);
    if (leader === undefined) throw new Error('A cluster needs at least one node.');
    return leader;
  }

  /** Names all nodes, from which the client gossips its way to one. */
  get url(): string {
    const hosts = this.nodes.map(({ endpoint: { host, port } }) => `${host}:${port}`);
    return (this.nodes[0]?.url ?? '').replace(/(?<=:\/\/)[^?]*/u, hosts.join(','));
  }

  /** Names the first node alone, as a DNS name would, and lets the client discover the others. */
  get discoverUrl(): string {
    return (this.nodes[0]?.url ?? '').replace('esdb://', 'esdb+discover://');
  }

  /**
   * Makes another node the leader. Calls in flight are not notified. Each append that requires the
   * leader is refused.
   */
  elect(index: number): void {
    const leader = this.nodes[index];
    if (leader === undefined)
      throw new Error(`The cluster has ${this.nodes.length} nodes; there is no node ${index}.`);
    for (const node of this.nodes) node.leader = node === leader ? undefined : leader;
  }

  /** Stops all nodes. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
