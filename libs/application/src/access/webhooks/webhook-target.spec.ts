import { problemOfAddress, problemOfUrl } from './webhook-target.js';

const strict = { allowPrivate: false };
const lenient = { allowPrivate: true };

it.each([
  'https://hooks.example.com/a?b=1',
  'https://hooks.example.com:8443/',
  'https://8.8.8.8/',
  'https://[2606:4700::1]/',
  'http://localhost:3000/hook',
  'http://127.0.0.1/',
  'http://[::1]:80/',
  'https://localhost/',
])('takes %s', (url) => {
  expect(problemOfUrl(url, strict)).toBeUndefined();
});

it.each([
  ['http://hooks.example.com/', 'give https'],
  ['ftp://localhost/', 'give http or https'],
  ['file:///etc/passwd', 'give https'],
  ['https://user:secret@hooks.example.com/', 'user and password'],
  ['https://hooks.example.com/#x', 'fragment'],
  ['not a url', 'https URL'],
  [`https://hooks.example.com/${'x'.repeat(2_000)}`, 'https URL'],
  ['https://10.0.0.1/', 'private network'],
  ['https://[fd00::1]/', 'private network'],
  ['https://169.254.169.254/latest/meta-data', 'not a public address'],
  ['https://0xa9fea9fe/', 'not a public address'],
  ['https://2852039166/', 'not a public address'],
  ['https://[::ffff:169.254.169.254]/', 'not a public address'],
  ['https://[fe80::1]/', 'not a public address'],
  ['http://0.0.0.0/', 'give https'],
])('refuses %s', (url, problem) => {
  expect(problemOfUrl(url, strict)).toContain(problem);
  expect(problemOfUrl(url, strict)).toMatch(/^url: /);
});

it('takes private networks when the service is set to, and link-local addresses never', () => {
  for (const address of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1']) {
    expect(problemOfAddress(address, strict)).toContain('private');
    expect(problemOfAddress(address, lenient)).toBeUndefined();
  }
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '2002:a00:1::',
  ]) {
    expect(problemOfAddress(address, lenient)).toContain('not a public address');
  }
});
