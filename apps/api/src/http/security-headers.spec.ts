import { securityHeaders } from './security-headers.js';

it('the headers allow only own sources, no sniffing and no referrer', () => {
  const headers = securityHeaders({ hasTls: false });
  expect(headers.get('Content-Security-Policy')).toContain("default-src 'self'");
  expect(headers.get('Content-Security-Policy')).not.toContain('upgrade-insecure-requests');
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Referrer-Policy')).toBe('no-referrer');
  expect(headers.has('Strict-Transport-Security')).toBe(true);
});

it('with TLS the headers ask for it everywhere', () => {
  expect(securityHeaders({ hasTls: true }).get('Content-Security-Policy')).toContain(
    'upgrade-insecure-requests',
  );
});
