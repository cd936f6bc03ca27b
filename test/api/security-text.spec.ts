import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

const folder = temporaryFolder();
const path = '/.well-known/security.txt';

it('names the contact and a time in the near future, to everybody', async () => {
  const contact = 'mailto:security@example.com';
  const service = await TestService.start(folder, '2026-02-10T10:00:00+08:00', {
    LEDGER_SECURITY_CONTACT: contact,
  });
  try {
    const { status, headers, text } = await service.get(path, { as: '' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toBe(
      `Contact: ${contact}\nExpires: 2026-05-11T00:00:00.000Z\nPreferred-Languages: zh, en\n`,
    );
  } finally {
    await service.serving.close();
  }
});

it('is not there where the operator named no contact', async () => {
  const service = await TestService.start(folder);
  try {
    const { status, body } = await service.get(path, { as: '' });
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'not_found' });
  } finally {
    await service.serving.close();
  }
});
