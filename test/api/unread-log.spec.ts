import { once } from 'node:events';
import { connect } from 'node:net';
import { temporaryFolder } from '../support/folder.js';
import { startService } from './service-process.js';

const folder = temporaryFolder();

/** More lines than a pipe and the service itself hold: each has over 200 bytes. */
const [batches, batch] = [1_250, 8];

it('a service whose log nobody reads goes on, and ends when it is told to', async () => {
  const { child, url } = await startService(folder, { LEDGER_LOG_LEVEL: 'info' });
  child.stderr!.removeAllListeners('data').pause();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let answers = 0;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => (answers += text.split('HTTP/1.1 200').length - 1));
  for (let sent = 0; sent < batches; sent += 1) {
    socket.write('GET /health/live HTTP/1.1\r\nhost: h\r\n\r\n'.repeat(batch));
    while (answers < (sent + 1) * batch) await once(socket, 'data');
  }
  socket.destroy();
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}, 60_000);
