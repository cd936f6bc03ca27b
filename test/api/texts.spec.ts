import { ruleLinks } from '@penalty-ledger/ledger';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testService } from './service.js';

const held = testService();
const root = join(__dirname, '../..');

it('serves every rule that a refusal can name, without a key, by GET and HEAD', async () => {
  const paths = new Set(Object.values(ruleLinks).map((link) => link.replace(/#.*$/, '')));
  for (const path of [...paths, 'docs/spec/cases.md']) {
    const text = readFileSync(join(root, path), 'utf8');
    const got = await held.current.ask('GET', `/${path}`, { as: '' });
    expect({ path, status: got.status, text: got.text }).toEqual({ path, status: 200, text });
    const head = await held.current.ask('HEAD', `/${path}`, { as: '' });
    expect({ path, status: head.status, text: head.text }).toEqual({ path, status: 200, text: '' });
    for (const { headers } of [got, head]) {
      expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
      expect(headers.get('cache-control')).toBe('public, max-age=3600');
      expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    }
  }
});

it('a refusal’s rule is the address of its section', async () => {
  const { body } = await held.current.command('RevokeExpulsion', { agencyId: 'x', reason: 'y' });
  expect(body).toMatchObject({
    code: 'unknown_agency',
    rule: '/docs/spec/interchange.md#codes-of-every-command',
  });
  const [path = '', anchor = ''] = String(body['rule']).split('#');
  const { text } = await held.current.get(path, { as: '' });
  expect(anchor).toBe('codes-of-every-command');
  expect(text).toContain('\n### Codes of every command\n');
});

it('a line of an import that is refused names its section too', async () => {
  const { text } = await held.current.ask('POST', '/import', {
    body: '{"command":"ApplyForReentry","data":{"agencyId":"nobody"}}\nnot JSON\n',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { rule: string }).rule)).toEqual([
    '/docs/spec/interchange.md#codes-of-every-command',
    '/docs/spec/interchange.md#codes-of-every-command',
  ]);
});

it('says what changed since an ETag, and refuses other methods and other paths', async () => {
  const path = '/docs/spec/rules.md';
  const etag = (await held.current.get(path, { as: '' })).headers.get('etag') ?? '';
  // Without a directive of its own, fetch asks for the text past every cache.
  const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
  const again = await held.current.get(path, { as: '', headers });
  expect(again.status).toBe(304);
  const post = await held.current.ask('POST', path, { as: '', body: {} });
  expect({ status: post.status, allow: post.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'GET, HEAD',
  });
  for (const other of ['/docs/spec/none', '/docs/spec/', '/docs/spec/..%2f..%2fpackage.json'])
    expect((await held.current.get(other, { as: '' })).status).toBe(404);
});
