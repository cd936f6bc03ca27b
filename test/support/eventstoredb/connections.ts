import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Takes over a connection once it is accepted. */
export type Take = (socket: Socket) => void;

/** The sockets of a server: it can break one or all, be down, or accept and never answer. */
export class Connections {
  readonly #sockets = new Map<number, Socket>();
  readonly #take: Take;
  readonly #host: string;
  #listener: Server | undefined;
  #port: number;
  #deaf = false;
  #accepted = 0;

  private constructor(host: string, port: number, take: Take) {
    this.#host = host;
    this.#port = port;
    this.#take = take;
  }

  /** Listens; port 0 is any that is free. Rejects when the port is taken. */
  static async listen(host: string, port: number, take: Take): Promise<Connections> {
    const connections = new Connections(host, port, take);
    await connections.up();
    return connections;
  }

  /** The number of connections accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens again, on the same port, after {@link down}. */
  async up(): Promise<void> {
    this.#listener = createServer((socket) => this.#accept(socket));
    this.#listener.listen(this.#port, this.#host);
    await once(this.#listener, 'listening');
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  /** Breaks all connections and refuses new ones. */
  async down(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.breakAll();
    if (listener === undefined) return;
    listener.close();
    await once(listener, 'close');
  }

  /** Leaves connections unanswered from now on when set to true. */
  set deaf(deaf: boolean) {
    this.#deaf = deaf;
  }

  /** Breaks all connections at once; new ones are accepted. */
  breakAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  /** Breaks the connection whose other end gRPC calls `peer`, an address and a port. */
  break(peer: string): void {
    this.#sockets.get(Number(peer.slice(peer.lastIndexOf(':') + 1)))?.destroy();
  }

  #accept(socket: Socket): void {
    const port = socket.remotePort;
    if (port === undefined) return void socket.destroy();
    this.#accepted += 1;
    this.#sockets.set(port, socket);
    socket.on('close', () => {
      if (this.#sockets.get(port) === socket) this.#sockets.delete(port);
    });
    // A broken connection makes the other side's writes fail, as the tests intend.
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    if (!this.#deaf) this.#take(socket);
  }
}
