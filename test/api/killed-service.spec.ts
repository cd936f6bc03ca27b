import { once } from 'node:events';
import { temporaryFolder } from '../support/folder.js';
import { startService } from './service-process.js';

const folder = temporaryFolder();

/** The administrator's, which only the first start says. */
let firstToken = '';

const post = (url: string, token: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s under load loses no command that was acknowledged',
  async (signal) => {
    const running = await startService(folder);
    const { child, url } = running;
    const administrator = running.token ?? firstToken;
    firstToken = administrator;
    const { token } = (await (
      await post(`${url}/keys`, administrator, {
        label: 'l',
        holder: 'h',
        roles: ['officer', 'auditor'],
      })
    ).json()) as { token: string };
    const acknowledged: string[] = [];
    let isEnding = false;
    const sender = async (n: number): Promise<void> => {
      for (let i = 0; !isEnding; i += 1) {
        const agencyId = `${signal}-${n}-${i}`;
        try {
          const { status } = await post(`${url}/commands/AdmitAgency`, token, {
            agencyId,
            name: 'x',
          });
          if (status === 201) acknowledged.push(agencyId);
          else if (status === 503) return;
        } catch {
          return;
        }
        if (acknowledged.length === 200) {
          isEnding = true;
          child.kill(signal);
        }
      }
    };
    const exited = once(child, 'exit');
    await Promise.all(Array.from({ length: 16 }, (_, n) => sender(n)));
    const [code] = (await exited) as [number | null];
    expect(code).toBe(signal === 'SIGTERM' ? 0 : null);

    const again = await startService(folder);
    expect(again.token).toBeUndefined();
    const response = await fetch(`${again.url}/agencies?limit=1000`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items } = (await response.json()) as { items: { agencyId: string }[] };
    const stored = new Set(items.map(({ agencyId }) => agencyId));
    expect(acknowledged.filter((agencyId) => !stored.has(agencyId))).toEqual([]);
    again.child.kill('SIGTERM');
    await once(again.child, 'exit');
  },
  60_000,
);
