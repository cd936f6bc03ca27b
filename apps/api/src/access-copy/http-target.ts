import type { CopyTarget } from '@penalty-ledger/application/access-log';

/** A collector that does not answer is given up after this time, and tried again. */
const patienceMs = 10_000;

/** A collector that takes lines of JSON by POST and answers 2xx once it holds them. */
export function httpTarget(url: string, token: string | undefined): CopyTarget {
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return {
    url,
    async send(lines) {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: `${lines.join('\n')}\n`,
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered ${response.status}`);
    },
    close: () => Promise.resolve(),
  };
}
