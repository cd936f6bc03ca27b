import { RequestLines } from './request-log.js';

it('a request is logged once, when it was answered, with its route and status', () => {
  const lines: unknown[][] = [];
  const log = {
    info: (...line: unknown[]) => lines.push(line),
    error: (...line: unknown[]) => lines.push(line),
  };
  const request = { log, routeOptions: { url: '/agencies/:agencyId/balance' } };
  const reply = { statusCode: 200, elapsedTime: 1.5 };
  const requestLines = new RequestLines();
  requestLines.incomingRequest();
  requestLines.requestCompleted(null, request as never, reply as never);
  expect(lines).toEqual([[{ req: request, res: reply, responseTime: 1.5 }, 'request completed']]);
});

it('a request that ended in an error is logged with it', () => {
  const errors: unknown[] = [];
  const request = { log: { error: ({ err }: { err: unknown }) => errors.push(err) } };
  const error = new Error('x');
  new RequestLines().requestCompleted(error, request as never, {} as never);
  expect(errors).toEqual([error]);
});
