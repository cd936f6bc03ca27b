import { ApiKeyError } from '@penalty-ledger/application/api-keys';
import { PendingActError } from '@penalty-ledger/application/four-eyes';
import { problemOfUrl, WebhookError } from '@penalty-ledger/application/webhooks';
import { ApiProblem } from './api-problem.js';
import { problemDocument } from './problem-document.js';
import { ProblemFilter, problemOf } from './problem-filter.js';

const text = { en: 'no such thing', zh: '没有此项' };

it.each([
  new ApiKeyError('unknown_key', text),
  new PendingActError('unknown_act', text),
  new WebhookError('unknown_webhook', text),
])('a $name is answered in the reader’s language', (error) => {
  const { code, detail } = problemOf(error);
  const inChinese = problemDocument(code, 'zh', { detail: detail! });
  expect(inChinese.detail).toBe('没有此项');
  expect(problemDocument(code, 'en', { detail: detail! }).detail).toBe('no such thing');
});

it('a URL that no webhook may have is refused with the reason, in both languages', () => {
  const problem = problemOfUrl('http://receiver.example/hooks', new Set());
  expect(problem).toEqual({
    en: 'url: give https; http only to localhost',
    zh: 'url：须为 https；http 仅可用于 localhost',
  });
});

it('a refusal is sent as it was when no ids can be read; the log says why', async () => {
  const sent: unknown[] = [];
  const warned: unknown[] = [];
  const reply = {
    raw: { headersSent: false },
    getHeader: () => undefined,
    header: () => reply,
    status: () => reply,
    send: (text: string) => sent.push(JSON.parse(text)),
  };
  const request = { headers: {}, id: 'r1', log: { warn: (what: unknown) => warned.push(what) } };
  const nearest = {
    mayOffer: () => true,
    completed: () => Promise.reject(new Error('the disk is gone')),
  };
  const host = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) };
  const filter = new ProblemFilter(nearest as never);
  filter.catch(new ApiProblem('unknown_agency', text), host as never);
  await new Promise(setImmediate);
  expect(sent).toMatchObject([{ code: 'unknown_agency', detail: 'no such thing' }]);
  expect(warned).toMatchObject([{ cause: expect.stringContaining('the disk is gone') as string }]);
});
