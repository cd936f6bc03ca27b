import { ApiKeyError } from '@penalty-ledger/application/api-keys';
import { PendingActError } from '@penalty-ledger/application/four-eyes';
import { problemOfUrl, WebhookError } from '@penalty-ledger/application/webhooks';
import { problemDocument } from './problem-document.js';
import { problemOf } from './problem-filter.js';

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
