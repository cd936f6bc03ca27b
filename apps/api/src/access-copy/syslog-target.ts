import type { CopyTarget } from '@penalty-ledger/application/access-log';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectSecurely } from 'node:tls';

/** Facility 13, log audit, and severity 6, informational (RFC 5424 §6.2.1). */
const priority = 13 * 8 + 6;

const patienceMs = 10_000;

/** The time that the server has to take what is on its way at the end. */
const lastMs = 1_000;

const ports = { 'syslog:': 601, 'syslog+tls:': 6514 } as const;

/**
 * A syslog server over TCP or TLS: messages of RFC 5424 with their length before them (RFC 6587
 * §3.4.1, RFC 5425 §4.3). Syslog confirms nothing: what was given to the connection counts as sent,
 * and can be lost when it breaks.
 */
export function syslogTarget(url: string): CopyTarget {
  const { protocol, hostname: host, port } = new URL(url);
  const at = { host, port: Number(port || ports[protocol as keyof typeof ports]) };
  let socket: Socket | undefined;

  async function connected(): Promise<Socket> {
    if (socket !== undefined && !socket.destroyed && socket.writable) return socket;
    const isSecure = protocol === 'syslog+tls:';
    const fresh = isSecure
      ? connectSecurely(isIP(host) === 0 ? { ...at, servername: host } : at)
      : connect(at);
    fresh.setTimeout(patienceMs, () => fresh.destroy(new Error('it takes nothing')));
    await once(fresh, isSecure ? 'secureConnect' : 'connect');
    // Told by the next write.
    fresh.on('error', () => undefined);
    // The server's end is noticed only by who reads.
    fresh.resume();
    socket = fresh;
    return fresh;
  }

  return {
    url,
    async send(lines) {
      const open = await connected();
      const framed = Buffer.concat(lines.map((line) => frameOf(line)));
      await new Promise<void>((resolve, reject) => {
        open.write(framed, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    },
    async close() {
      const last = socket;
      if (last === undefined || last.destroyed) return;
      const gone = once(last, 'close').catch(() => undefined);
      last.setTimeout(lastMs, () => last.destroy());
      last.end();
      await gone;
    },
  };
}

/** Frames an entry; its own instant is the message's. */
function frameOf(line: string): Buffer {
  const { at } = JSON.parse(line) as { readonly at: string };
  const head = `<${priority}>1 ${at} ${hostname()} penalty-ledger ${process.pid} access -`;
  const message = Buffer.from(`${head} ${line}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
