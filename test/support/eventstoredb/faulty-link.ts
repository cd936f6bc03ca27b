import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The direction of bytes. */
export type Way = 'requests' | 'replies';

/** One client's connection through the link, and the bytes that are kept from going on. */
class Passage {
  readonly #ends: Readonly<Record<Way, Socket>>;
  readonly #holding = new Set<Way>();
  readonly #held: Record<Way, Buffer[]> = { requests: [], replies: [] };

  constructor(client: Socket, engine: Socket) {
    this.#ends = { requests: engine, replies: client };
    client.on('data', (bytes: Buffer) => this.#pass('requests', bytes));
    engine.on('data', (bytes: Buffer) => this.#pass('replies', bytes));
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
      one.on('end', () => other.end());
    }
  }

  hold(way: Way): void {
    this.#holding.add(way);
  }

  release(): void {
    this.#holding.clear();
    for (const way of ['requests', 'replies'] as const)
      for (const bytes of this.#held[way].splice(0)) this.#ends[way].write(bytes);
  }

  /** Says whether bytes in this direction are held back. */
  holds(way: Way): boolean {
    return this.#held[way].length > 0;
  }

  destroy(): void {
    for (const end of Object.values(this.#ends)) end.destroy();
  }

  end(): void {
    for (const end of Object.values(this.#ends)) end.end();
  }

  #pass(way: Way, bytes: Buffer): void {
    if (this.#holding.has(way)) this.#held[way].push(bytes);
    else this.#ends[way].write(bytes);
  }
}

/**
 * A TCP proxy to an engine that a test can disturb. It does not know the protocol, so it works with
 * a real engine as with the wire server. Bytes are held on existing connections only; a new
 * connection passes.
 */
export class FaultyLink {
  readonly #server: Server;
  readonly #passages = new Set<Passage>();

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      const engine = connect({ ...target, noDelay: true });
      const passage = new Passage(client.setNoDelay(true), engine);
      this.#passages.add(passage);
      client.on('close', () => this.#passages.delete(passage));
    });
  }

  static async start(target: {
    readonly host: string;
    readonly port: number;
  }): Promise<FaultyLink> {
    const link = new FaultyLink(target);
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject);
      link.#server.listen(0, '127.0.0.1', resolve);
    });
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Keeps what the connections there are send one way, in order. */
  hold(way: Way): void {
    for (const passage of this.#passages) passage.hold(way);
  }

  /** Says whether any bytes in this direction are held back. */
  holds(way: Way): boolean {
    return [...this.#passages].some((passage) => passage.holds(way));
  }

  /** Lets what is held go on, and holds no more. */
  release(): void {
    for (const passage of this.#passages) passage.release();
  }

  /** Breaks every connection there is; what is held is lost. */
  cut(): void {
    for (const passage of this.#passages) passage.destroy();
  }

  /** Ends every connection there is as if both sides wanted it; what is held is lost. */
  end(): void {
    for (const passage of this.#passages) passage.end();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }
}
