import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { firstTokenBy } from '../support/first-key.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const main = join(__dirname, '../../dist/service.js');

/**
 * Names, texts and ids of people that the story below sends: in accepted and refused bodies, in
 * addresses and in headers.
 */
const personal = [
  '杭州云帆文化',
  '王小明',
  '13800138000',
  'wang@example.com',
  '未成年人出镜',
  'agency-of-wang',
  'creator-zhao',
];

it('names, tokens and refused bodies of a story are not in the log, nor a stack', async () => {
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const greeting: string[] = [];
  const log: string[] = [];
  const exited = once(child, 'exit');
  const listening = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) log.push(line);
      else greeting.push(line);
      if (line.startsWith('open ')) resolve();
    });
  });
  await listening;
  const url = /listens on (\S+)/.exec(greeting.join('\n'))![1]!;
  const first = greeting.map(firstTokenBy).find((each) => each !== undefined)!;
  expect(greeting.join('\n')).not.toContain(first);
  const secrets = [first];
  const ask = async (
    method: string,
    path: string,
    token: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    for (const [secret] of text.matchAll(/plk_[0-9a-f_]{20,}|whsec_[\w+/=]+/g))
      secrets.push(secret);
    return { status: response.status, text };
  };

  const issued = await ask('POST', '/keys', first, {
    label: 'desk',
    holder: 'h',
    roles: ['officer', 'auditor'],
  });
  const { token } = JSON.parse(issued.text) as { token: string };
  await ask('POST', '/webhooks', first, {
    url: 'https://hooks.example.com/王小明?token=13800138000',
  });
  const [name, person, phone, address, text, agencyId, creatorId] = personal;
  const command = (path: string, body: unknown) => ask('POST', `/commands/${path}`, token, body);
  const story = [
    await command('AdmitAgency', { agencyId, name }),
    await command('AdmitAgency', { agencyId, name: person, phone }),
    await command('AdmitAgency', `{"agencyId":"x","name":"${name!}`),
    await command('AdmitAgency', { agencyId: address, name }),
    await command('RecordExit', { agencyId: creatorId, reason: text }),
    await command('RecordDeduction', { agencyId, note: text, points: phone }),
    await ask(
      'POST',
      '/import',
      token,
      `{"command":"AdmitAgency","data":{"name":"${person!}"}}\n{`,
      {
        'content-type': 'application/x-ndjson',
      },
    ),
    await ask(
      'GET',
      `/agencies/${agencyId!}/balance?knownAt=${encodeURIComponent(person!)}`,
      token,
    ),
    await ask('GET', `/agencies/${encodeURIComponent(name!)}`, token),
    await ask('GET', `/no-such-thing/${phone!}?token=${token}`, token),
    await ask('GET', '/agencies', `${first.slice(0, -1)}x`),
    await ask('GET', '/agencies', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3YW5nQGV4YW1wbGUuY29tIn0.'),
    await ask('GET', '/agencies', token, undefined, {
      cookie: `session=${phone!}`,
      'x-name': phone!,
    }),
    await ask('POST', '/erasures', first, { subject: `creator:${creatorId!}` }),
  ];
  expect(story.map(({ status }) => status)).toEqual([
    201, 400, 400, 400, 404, 400, 200, 400, 400, 404, 401, 401, 200, 404,
  ]);
  child.kill('SIGTERM');
  await exited;

  const requests = log.filter((line) => line.includes('"reqId"'));
  expect(requests.length).toBeGreaterThan(story.length);
  const all = [...log, ...greeting.filter((line) => !line.includes(first))].join('\n');
  expect(secrets.length).toBeGreaterThan(2);
  for (const text of [...secrets, ...secrets.map((secret) => secret.slice(-40)), ...personal]) {
    expect({
      text,
      isInTheLog: all.includes(text) || all.includes(encodeURIComponent(text)),
    }).toEqual({
      text,
      isInTheLog: false,
    });
  }
  expect(all).not.toMatch(/\bat \S+ \(|node_modules|\.js:\d+|"stack"|eyJhbGci/);
  for (const { text: answer } of story)
    expect(answer).not.toMatch(/\bat \S+ \(|node_modules|\.js:\d+/);
  // Every line of a request can be followed: it has the id that was answered, and the route as a
  // template.
  for (const line of log)
    expect(Object.keys(JSON.parse(line) as object)).toEqual(
      expect.arrayContaining(['level', 'time', 'msg']),
    );
});
