import { accessRuleKey, type AccessRule } from '@penalty-ledger/api/rule';
import { commandRoutes } from '@penalty-ledger/api/command-routes';
import {
  agencyRoles,
  isAgencyRole,
  roles as everyRole,
} from '@penalty-ledger/application/api-keys';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { testService } from './service.js';

const held = testService();

/** Every route of every controller with its rule. */
function routes(): { method: string; path: string; rule: AccessRule | undefined }[] {
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
  const containers = held.current.serving.app.get(ModulesContainer, { strict: false });
  const controllers = new DiscoveryService(containers).getControllers();
  return controllers.flatMap(({ metatype, instance }) => {
    const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
    const base = String(Reflect.getMetadata('path', metatype!));
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      if (name === 'constructor') return [];
      const handler = Object.getOwnPropertyDescriptor(prototype, name)?.value as object | undefined;
      const path = handler && (Reflect.getMetadata('path', handler) as string | undefined);
      if (handler === undefined || path === undefined) return [];
      const rule = (Reflect.getMetadata(accessRuleKey, handler) ??
        Reflect.getMetadata(accessRuleKey, metatype!)) as AccessRule | undefined;
      const method = methods[Reflect.getMetadata('method', handler) as number]!;
      return [
        { method, path: `/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1'), rule },
      ];
    });
  });
}

/** The paths that Fastify itself answers, from the tree it draws. */
function servedPaths(): string[] {
  const fastify = held.current.serving.app.getHttpAdapter().getInstance() as unknown as {
    printRoutes(o: object): string;
  };
  const above: string[] = [];
  return fastify
    .printRoutes({ commonPrefix: false })
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods] =
        /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
      const depth = indent.length / 4;
      above[depth] = `${above[depth - 1] ?? ''}${part}`;
      above.length = depth + 1;
      return methods === undefined ? [] : [above[depth]];
    });
}

const addressOf = (path: string): string =>
  path.replaceAll(/:revision/g, '0').replaceAll(/:[a-zA-Z]+/g, 'x');

it('every route has a rule, and only health and promotions are open to everybody', () => {
  const all = routes();
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter(({ rule }) => rule === undefined)).toEqual([]);
  expect(all.filter(({ rule }) => rule === 'public').map(({ path }) => path)).toEqual([
    '/health/live',
    '/health/ready',
    '/health/writer',
    '/.well-known/security.txt',
    // They take and give what the ledger itself signed.
    '/fence/promotion',
    '/promotion',
  ]);
});

it('every served route is a controller’s, or belongs to the documentation page', async () => {
  const { body } = await held.current.get('/openapi.json', { as: '' });
  const described = Object.keys(body['paths'] as object).map((path) =>
    path.replaceAll(/\{(\w+)\}/g, ':$1'),
  );
  expect(new Set(described)).toEqual(new Set(routes().map(({ path }) => path)));
  const served = servedPaths().filter(
    (path) => path !== '/openapi.json' && !path.startsWith('/docs'),
  );
  expect(new Set(served)).toEqual(new Set(described));
});

it('every route but health answers 401 without a key, or with an unknown one', async () => {
  for (const { method, path, rule } of routes()) {
    if (rule === 'public') continue;
    for (const as of ['', `plk_${'0'.repeat(12)}_${'0'.repeat(72)}`]) {
      const { status } = await held.current.ask(method, addressOf(path), {
        as,
        ...(method === 'POST' && { body: {} }),
      });
      expect({ method, path, status }).toEqual({ method, path, status: 401 });
    }
  }
});

it('every role is admitted where its rule says so, and gets 403 everywhere else', async () => {
  const tokens: Record<string, string> = {
    ...held.current.tokens,
  };
  for (const role of agencyRoles) tokens[role] = await held.current.issue([role], 'x');
  for (const role of everyRole) {
    const answered = routes().map(async ({ method, path, rule }) => {
      if (rule === 'public' || rule === undefined || path === '/events/stream') return;
      const { status, body } = await held.current.ask(method, addressOf(path), {
        as: tokens[role]!,
        ...(method === 'POST' && { body: {} }),
      });
      const isRefused =
        status === 403 && /^this needs (the role|one of the roles) /.test(String(body['detail']));
      expect({ role, path, isRefused }).toEqual({ role, path, isRefused: !rule.includes(role) });
    });
    await Promise.all(answered);
  }
}, 60_000);

it('what agency may, exactly one right of its people may', () => {
  for (const { path, rule } of routes()) {
    if (rule === undefined || rule === 'public') continue;
    const ofPeople = rule.filter((role) => isAgencyRole(role) && role !== 'agency');
    expect({ path, ofPeople: ofPeople.length }).toEqual({
      path,
      ofPeople: rule.includes('agency') ? 1 : 0,
    });
  }
});

it('an agency’s people read, file or submit, each by a right of its own', async () => {
  const sent = Object.entries(commandRoutes).flatMap(([name, { roles }]) =>
    roles.flatMap((role) => (isAgencyRole(role) ? [`${role} ${name}`] : [])),
  );
  expect(sent.filter((each) => !each.startsWith('agency '))).toEqual([
    'agency-filer InitiateAppeal',
    'agency-submitter SubmitEvidence',
    'agency-submitter WithdrawAppeal',
    'agency-filer ApplyForReentry',
    'agency-submitter RequestHumanReview',
    'agency-submitter WaiveSlot',
    'agency-filer AssignSlot',
    'agency-filer ProposeTheme',
  ]);
  const both = await held.current.issue(['agency-reader', 'agency-filer'], 'x');
  const appeal = { appealId: 'p', agencyId: 'x', deductionIds: ['d'], grounds: 'x' };
  const statusOf = async (name: string, body: object) =>
    (await held.current.command(name, body, { as: both })).status;
  expect((await held.current.get('/agencies/x', { as: both })).status).toBe(404);
  expect(await statusOf('InitiateAppeal', appeal)).toBe(404);
  expect(await statusOf('InitiateAppeal', { ...appeal, agencyId: 'y' })).toBe(403);
  expect(await statusOf('WithdrawAppeal', { appealId: 'p', reason: 'x' })).toBe(403);
});

it('no role but officer and reviewer, and no role alone, both records and decides', () => {
  const { RecordDeduction, DecideAppeal } = commandRoutes;
  expect(RecordDeduction.roles.filter((role) => DecideAppeal.roles.includes(role))).toEqual([]);
});

describe('the key of an agency', () => {
  let own: string;
  beforeAll(async () => {
    const { current } = held;
    for (const agencyId of ['own', 'other']) {
      await current.given(
        ['AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2026-01-01T00:00:00Z' }],
        [
          'RecordDeduction',
          {
            deductionId: `d-${agencyId}`,
            agencyId,
            points: 10,
            clause: 'improper-operation',
            occurredAt: '2026-01-05T00:00:00Z',
          },
        ],
        [
          'InitiateAppeal',
          { appealId: `p-${agencyId}`, agencyId, deductionIds: [`d-${agencyId}`], grounds: 'x' },
        ],
      );
    }
    own = await current.issue(['agency'], 'own');
  });

  it.each([
    ['/agencies/own', 200],
    ['/agencies/other', 403],
    ['/agencies/nobody', 403],
    ['/agencies/other/balance', 403],
    ['/agencies/other/timeline', 403],
    ['/appeals/p-own', 200],
    ['/appeals/p-other', 404],
    ['/findings?agencyId=other', 403],
    ['/appeals?agencyId=other', 403],
    ['/complaints?agencyId=other', 403],
    ['/sessions?agencyId=other&date=2026-01-05', 403],
    ['/sessions?date=2026-01-05', 200],
    ['/deadlines?agencyId=other', 403],
    ['/receipts/agency-other/0', 403],
    ['/proofs/inclusion/rulebooks/0', 403],
    ['/agencies', 403],
  ])('asking for %s gets %i', async (path, status) => {
    expect((await held.current.get(path, { as: own })).status).toBe(status);
  });

  it('sees its own events in the feed, and no others', async () => {
    const { body } = await held.current.get('/events?limit=1000', { as: own });
    const streams = (body['items'] as { event: { stream: string } }[]).map(
      ({ event }) => event.stream,
    );
    expect(new Set(streams)).toEqual(new Set(['agency-own']));
    const deadlines = await held.current.get('/deadlines', { as: own });
    expect(
      new Set((deadlines.body['items'] as { agencyId: string }[]).map(({ agencyId }) => agencyId)),
    ).toEqual(new Set(['own']));
  });

  it('appeals for its own agency and for no other', async () => {
    const evidence = (appealId: string) => ({
      appealId,
      items: [{ evidenceId: 'e1', title: 't', mediaType: 'image/png', sha256: '0'.repeat(64) }],
    });
    expect(
      (await held.current.command('SubmitEvidence', evidence('p-other'), { as: own })).status,
    ).toBe(404);
    expect(
      (await held.current.command('SubmitEvidence', evidence('p-own'), { as: own })).status,
    ).toBe(201);
    const other = { appealId: 'p-x', agencyId: 'other', deductionIds: ['d-other'], grounds: 'x' };
    expect((await held.current.command('InitiateAppeal', other, { as: own })).status).toBe(403);
  });
});

it('a decision on the own deduction has a finding', async () => {
  const { current } = held;
  await current.given(
    ['AdmitAgency', { agencyId: 's', name: 's', effectiveAt: '2026-01-01T00:00:00Z' }],
    [
      'RecordDeduction',
      {
        deductionId: 'd-s',
        agencyId: 's',
        points: 10,
        clause: 'improper-operation',
        occurredAt: '2026-01-05T00:00:00Z',
      },
    ],
    ['InitiateAppeal', { appealId: 'p-s', agencyId: 's', deductionIds: ['d-s'], grounds: 'x' }],
    [
      'SubmitEvidence',
      {
        appealId: 'p-s',
        items: [{ evidenceId: 'es', title: 't', mediaType: 'image/png', sha256: '0'.repeat(64) }],
      },
    ],
  );
  const { body } = await current.command('DecideAppeal', {
    appealId: 'p-s',
    outcome: 'upheld',
    reason: 'x',
  });
  expect(body['findings']).toEqual(['same_actor']);
});

it('a revoked key opens nothing, and a rotated one opens with both tokens', async () => {
  const { current } = held;
  const as = current.tokens['administrator']!;
  const { body } = await current.ask('POST', '/keys', {
    body: { label: 'r', holder: 'h', roles: ['auditor'] },
    as,
  });
  const { id } = body['key'] as { id: string };
  const first = body['token'] as string;
  const rotated = (await current.ask('POST', `/keys/${id}/rotate`, { body: {}, as })).body[
    'token'
  ] as string;
  for (const token of [first, rotated])
    expect((await current.get('/agencies', { as: token })).status).toBe(200);
  expect((await current.ask('POST', `/keys/${id}/revoke`, { as })).status).toBe(200);
  for (const token of [first, rotated])
    expect((await current.get('/agencies', { as: token })).status).toBe(401);
});

it('of who signed in, the access log has reads, and commands only of administrators', async () => {
  const { current } = held;
  await current.get('/agencies/s/balance', { as: current.tokens['auditor']! });
  const { body } = await current.get('/access-log?limit=1000', {
    as: current.tokens['administrator']!,
  });
  const entries = (
    body['entries'] as { route: string; role: string; subject: object; principal: string | null }[]
  ).filter(({ principal }) => principal !== null);
  expect(entries).toContainEqual(
    expect.objectContaining({
      route: '/agencies/:agencyId/balance',
      role: 'auditor',
      subject: { agencyId: 's' },
      status: 200,
    }),
  );
  const commands = entries
    .map(({ route }) => route)
    .filter((route) => route.startsWith('/commands'));
  expect(new Set(commands)).toEqual(
    new Set(['/commands/PublishRulebook', '/commands/PublishCalendar']),
  );
});
