import { setTimeout as pause } from 'node:timers/promises';
import { DescribedService, operationsOf } from './described.js';
import { sendExamples } from './example-ledger.js';
import { testService } from './service.js';

const held = testService(undefined, { LEDGER_SECURITY_CONTACT: 'mailto:a@example.com' });

/** Values of parameters in paths: what the examples record. */
const values: Record<string, string> = {
  agencyId: 'mcn-007',
  appealId: 'ap-1',
  complaintId: 'k-1',
  sessionId: 's-20260105-1',
  vertical: 'beauty',
  month: '2026-01',
  date: '2026-02-11',
  stream: 'agency-mcn-007',
  revision: '0',
};

/** Queries that a path needs. */
const queries: Readonly<Record<string, string>> = {
  '/sessions': '?agencyId=mcn-007&date=2026-01-05',
  '/proofs/consistency': '?from=1&to=2',
};

/** Differ from answer to answer, or are of the connection (RFC 9110 §7.6.1). */
const passing = new Set([
  ...['date', 'request-id', 'ratelimit'],
  ...['connection', 'keep-alive', 'transfer-encoding'],
]);
/** Paths whose answers grow with each request. */
const growing = new Set(['/access-log', '/metrics']);

let paths: readonly string[];

beforeAll(async () => {
  const described = await DescribedService.over(held.current);
  await sendExamples(held.current, described.ask);
  await described.ask('POST', '/checkpoints');
  paths = operationsOf(described.document)
    .filter(({ method }) => method === 'get')
    .map(({ path }) => path);
}, 60_000);

/** Asks, and reads the head of the answer alone: some answers never end. */
async function headOf(method: string, path: string, more: Readonly<Record<string, string>> = {}) {
  const ended = new AbortController();
  const { status, headers } = await fetch(`${held.current.serving.url}${path}`, {
    method,
    signal: ended.signal,
    headers: { authorization: `Bearer ${tokenFor(path)}`, ...more },
  });
  ended.abort();
  const compared = [...headers].filter(([name]) => !passing.has(name));
  return { path, status, headers: growing.has(path) ? compared.map(([name]) => name) : compared };
}

const ofAdministrators = /^\/(?:keys|webhooks|four-eyes|pending-acts|access-log)/;

function tokenFor(path: string): string {
  const { tokens } = held.current;
  return (ofAdministrators.test(path) ? tokens['administrator'] : tokens['staff'])!;
}

async function idOf(path: string, as: string, body: object): Promise<string> {
  const answer = (await held.current.ask('POST', path, { as, body })).body;
  const { id } = (answer['webhook'] ?? answer) as { readonly id: string };
  return id;
}

it('every path that answers GET answers HEAD alike', async () => {
  const { administrator, staff } = held.current.tokens;
  const pack = await idOf('/evidence-packs', staff!, { agencyId: 'mcn-007', period: '2026' });
  const webhook = await idOf('/webhooks', administrator!, { url: 'https://hooks.example.com/' });
  const made = async (): Promise<boolean> =>
    (await held.current.get(`/evidence-packs/${pack}`)).body['status'] === 'ready';
  while (!(await made())) await pause(50);
  const addressOf = (path: string): string => {
    const id = path.startsWith('/webhooks') ? webhook : pack;
    const all: typeof values = { ...values, id };
    return path.replace(/\{(\w+)\}/g, (_, name: string) => all[name]!) + (queries[path] ?? '');
  };
  expect(paths.length).toBeGreaterThan(40);
  const failed: string[] = [];
  for (const path of [...paths, '/openapi.json', '/docs', '/docs/spec/rules.md', '/nowhere']) {
    const got = await headOf('GET', addressOf(path));
    expect(await headOf('HEAD', addressOf(path))).toEqual(got);
    if (got.status !== 200) failed.push(`${path} ${got.status}`);
  }
  // No node was promoted here, and no file of evidence kept.
  const unknown = ['/promotion', '/evidence-files/{sha256}', '/nowhere'];
  expect(failed).toEqual(unknown.map((path) => `${path} 404`));
}, 60_000);

it('HEAD is refused where GET is, and says what has not changed', async () => {
  const path = '/agencies/mcn-007/balance';
  const asked = async (headers: Readonly<Record<string, string>>) => [
    await headOf('GET', path, headers),
    await headOf('HEAD', path, headers),
  ];
  const [got, head] = await asked({ authorization: '' });
  expect({ status: got!.status, head }).toEqual({ status: 401, head: got });
  const [known] = await asked({});
  const etag = new Map(known!.headers as [string, string][]).get('etag')!;
  const [unchanged, same] = await asked({ 'if-none-match': etag });
  expect({ status: unchanged!.status, same }).toEqual({ status: 304, same: unchanged });
});

it('HEAD is counted, and stands in the access log as what it is', async () => {
  const { current } = held;
  const left = async (method: string): Promise<number> => {
    const { headers } = await current.ask(method, '/agencies/mcn-007', { as: counted });
    return Number(/"key";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
  };
  const counted = await current.issue(['auditor']);
  // Counted under its key once it is known.
  await current.ask('HEAD', '/agencies/mcn-007', { as: counted });
  expect((await left('GET')) - (await left('HEAD'))).toBe(1);
  const as = current.tokens['administrator']!;
  const { body } = await current.get('/access-log?limit=1000', { as });
  expect((body['entries'] as readonly unknown[]).at(-1)).toMatchObject({
    method: 'HEAD',
    route: '/agencies/:agencyId',
    status: 200,
  });
});
