// Checks that the API in this container is alive; a slim image has no curl. Exits with 0 when it
// is.
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import process from 'node:process';

const { LEDGER_PORT: port = '8080', LEDGER_TLS_CERT: certificate } = process.env;
const options = { host: '127.0.0.1', port, path: '/health/live', timeout: 4_000 };
// The certificate names the service, not the loopback address it is asked at.
const call =
  certificate === undefined || certificate === ''
    ? plain(options)
    : secure({ ...options, rejectUnauthorized: false });

call.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
call.on('timeout', () => call.destroy(new Error('no answer within 4 s')));
call.on('error', (error) => {
  console.error(`${options.path}: ${error.message}`);
  process.exit(1);
});
call.end();
