import { isAgencyRole, roles } from '@penalty-ledger/application/api-keys';
import { testService } from './service.js';

const held = testService();

/** Requests a key, by the first administrator's unless another token is given. */
const issue = (body: object, as = held.current.tokens['administrator']!) =>
  held.current.ask('POST', '/keys', { as, body: { label: 'x', holder: 'wang', ...body } });

const agencyOf = (role: string) => (isAgencyRole(role) ? { agencyId: 'a1' } : {});

it('a key that is issued holds no more than its issuer may grant, over every pair', async () => {
  for (const granting of roles) {
    const as = await held.current.issue(['administrator'], undefined, {
      holder: 'li',
      mayGrant: [granting],
    });
    for (const role of roles) {
      const { status, body } = await issue({ roles: [role], ...agencyOf(role) }, as);
      expect({ granting, role, status, code: body['code'] }).toEqual(
        granting === role || (granting === 'agency' && isAgencyRole(role))
          ? { granting, role, status: 201, code: undefined }
          : { granting, role, status: 403, code: 'beyond_own_rights' },
      );
    }
  }
});

it('an administrator passes on no role that they may not grant themselves', async () => {
  const mayGrant = ['administrator', 'auditor'];
  const as = await held.current.issue(['administrator'], undefined, { holder: 'li', mayGrant });
  const passedOn = { roles: ['administrator'], mayGrant: ['auditor', 'officer'] };
  expect((await issue(passedOn, as)).body).toMatchObject({
    code: 'beyond_own_rights',
    detail: 'mayGrant: you may not grant "officer"; you may grant administrator, auditor',
  });
  expect((await issue({ ...passedOn, mayGrant: ['auditor'] }, as)).status).toBe(201);
});

it('nobody issues a key for themselves, and everybody rotates their own', async () => {
  const own = await issue({ holder: 'first-administrator', roles: ['auditor'] });
  expect(own).toMatchObject({ status: 403, body: { code: 'own_key' } });
  const { body } = await issue({ holder: 'li', roles: ['administrator'] });
  const { id } = body['key'] as { id: string };
  const as = body['token'] as string;
  expect((await held.current.ask('POST', `/keys/${id}/rotate`, { as, body: {} })).status).toBe(201);
});

it('another’s key is not rotated for a token with more than one may grant', async () => {
  const { body } = await issue({ roles: ['officer'] });
  const { id } = body['key'] as { id: string };
  const as = await held.current.issue(['administrator'], undefined, { holder: 'li' });
  const rotated = await held.current.ask('POST', `/keys/${id}/rotate`, { as, body: {} });
  expect(rotated).toMatchObject({ status: 403, body: { code: 'beyond_own_rights' } });
});

it('a key is issued by an administrator alone', async () => {
  for (const role of ['ingest', 'officer', 'reviewer', 'auditor'])
    expect((await issue({ roles: [role] }, held.current.tokens[role])).status).toBe(403);
});
