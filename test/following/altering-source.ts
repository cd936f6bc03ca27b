import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A page of records as a test alters it. */
export interface Page {
  readonly head: Record<string, unknown>;
  readonly bodies: string[];
}

/** Alters an answer of a path; `undefined` when it has answered by itself. */
export type Alteration = (
  path: string,
  body: Buffer,
  response: ServerResponse,
) => Buffer | undefined | Promise<Buffer | undefined>;

/** Stands between a follower and its source, and alters what the source says. */
export class AlteringSource {
  alter: Alteration = (_, body) => body;
  /** Answers an order without asking the source. */
  answerInstead: (path: string, sent: string) => object | undefined = () => undefined;
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor(readonly server: Server) {}

  static async before(source: string): Promise<AlteringSource> {
    const server = createServer((request, response) => {
      const path = request.url ?? '/';
      altering.asked.push(path);
      void (async () => {
        const { authorization = '' } = request.headers;
        const sent = request.method === 'POST' ? await text(request) : undefined;
        const instead = altering.answerInstead(path, sent ?? '');
        if (instead !== undefined) {
          response.writeHead(200).end(JSON.stringify(instead));
          return;
        }
        const answer = await fetch(`${source}${path}`, {
          headers: { authorization, 'content-type': 'application/json' },
          ...(sent !== undefined && { method: 'POST', body: sent }),
        });
        const body = Buffer.from(await answer.arrayBuffer());
        const altered = answer.ok ? await altering.alter(path, body, response) : body;
        if (altered !== undefined) response.writeHead(answer.status).end(altered);
      })().catch(() => response.destroy());
    });
    const altering = new AlteringSource(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return altering;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Alters the pages of records alone. */
  pages(change: (page: Page) => void): void {
    this.alter = (path, body) => {
      if (!path.startsWith('/events/records')) return body;
      const [first = '', ...bodies] = body.toString().trimEnd().split('\n');
      const page: Page = { head: JSON.parse(first) as Record<string, unknown>, bodies };
      change(page);
      const { head } = page;
      return Buffer.from(`${[JSON.stringify(head), ...page.bodies].join('\n')}\n`);
    };
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
