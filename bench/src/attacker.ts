import { connect } from 'node:net';

/** The order of a flood: requests that are sent over and over, each connection one at a time. */
export interface Flood {
  readonly port: number;
  readonly connections: number;
  /** Whole requests of HTTP/1.1, taken in turn. */
  readonly requests: readonly string[];
}

/** The number of answers by their status, when a flood has ended. */
export type Answers = Readonly<Record<string, number>>;

// A separate process, so that its own work delays no measured request. It takes one Flood from its
// parent, says that it runs, and gives the Answers when it is told to end.
// It ends with its parent: a study that failed would leave it sending for ever.
process.once('disconnect', () => process.exit());
process.once('message', (message) => {
  const answers: Record<string, number> = {};
  const { port, connections, requests } = message as Flood;
  let sent = 0;
  let isOver = false;
  const open = (): void => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const next = (): void => {
      if (!isOver) socket.write(requests[sent++ % requests.length] ?? '');
    };
    socket.setEncoding('latin1');
    // An answer is short and comes in one piece, or its first piece has the status.
    socket.on('data', (text: string) => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status === undefined) return;
      answers[status] = (answers[status] ?? 0) + 1;
      next();
    });
    socket.on('error', () => undefined);
    // An attacker whose connection was ended opens another.
    socket.once('close', () => {
      if (!isOver) open();
    });
    socket.once('connect', next);
  };
  for (let index = 0; index < connections; index += 1) open();
  process.send?.('running');
  process.once('message', () => {
    isOver = true;
    process.send?.(answers, () => process.exit());
  });
});
