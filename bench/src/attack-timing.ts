import { readToken, tokenOf } from '@penalty-ledger/application/api-keys';
import { Pool } from 'undici';
import { median, type Study } from './harness.js';
import { Service } from './http.js';

const wrongSecret = '7'.repeat(64);

/** Measures whether the time of a refusal tells which ids of keys exist. */
export function keyLookUps(requests: number): Study {
  return {
    name: 'attack: key look-ups',
    explanation:
      `refusals of tokens with a wrong secret, ${String(requests)} of each kind by turns: ` +
      'with an id that does not exist, with the id of a key that nobody has used, ' +
      'and with that of one which a request before each has used. "Told apart" is how often, of ' +
      'two answers, the one to an id that does not exist is the faster: 0.50 tells nothing',
    study: async (folder) => {
      const service = await Service.start('ledger', folder);
      const { send, close } = service.sender(service.token, 1);
      const pool = new Pool(service.url, { connections: 1, pipelining: 1 });
      try {
        const idle = idOf(await service.issue('idle', ['auditor']));
        const ids = [
          ['no such id', '0'.repeat(12)],
          ['an unused key', idle],
          ['a key in use', idOf(service.token)],
        ] as const;
        const found = ids.map(() => new Float64Array(requests));
        const refused = async (id: string): Promise<number> => {
          const authorization = `Bearer ${tokenOf({ id, secret: wrongSecret })}`;
          const from = performance.now();
          const { body, statusCode } = await pool.request({
            method: 'GET',
            path: '/agencies',
            headers: { authorization },
          });
          await body.dump();
          const ms = performance.now() - from;
          if (statusCode !== 401) throw new Error(`a wrong secret got ${String(statusCode)}`);
          return ms;
        };
        for (let warm = 0; warm < 1_000; warm += 1) await refused(idle);
        for (let index = 0; index < requests; index += 1)
          for (let turn = 0; turn < ids.length; turn += 1) {
            await send({ method: 'GET', path: '/agencies' });
            // Which comes first changes, so that none always follows the same one.
            const which = (index + turn * (1 + (index % 2))) % ids.length;
            const [, id = ''] = ids[which] ?? [];
            const times = found[which];
            if (times !== undefined) times[index] = await refused(id);
          }
        const [none = new Float64Array()] = found;
        return [
          '| id | p50, µs | told apart |',
          '| --- | --- | --- |',
          ...ids.map(([name], which) => {
            const times = found[which] ?? none;
            const us = (median([...times]) * 1_000).toFixed(0);
            return `| ${name} | ${us} | ${isFaster(none, times).toFixed(3)} |`;
          }),
        ].join('\n');
      } finally {
        close();
        await pool.destroy();
        await service.end();
      }
    },
  };
}

/** The part of all pairs in which the value of `a` is the lesser; equal ones count half. */
function isFaster(a: Float64Array, b: Float64Array): number {
  const sorted = b.toSorted();
  let greater = 0;
  for (const value of a) {
    const [below, upTo] = [
      rankOf(sorted, (each) => each >= value),
      rankOf(sorted, (e) => e > value),
    ];
    greater += sorted.length - upTo + (upTo - below) / 2;
  }
  return greater / (a.length * b.length);
}

/** The index of the first sorted value for which `holds`. */
function rankOf(sorted: Float64Array, holds: (value: number) => boolean): number {
  const found = sorted.findIndex(holds);
  return found < 0 ? sorted.length : found;
}

function idOf(token: string): string {
  const parts = readToken(token);
  if (typeof parts === 'string') throw new Error(`the service gave a token that is ${parts}`);
  return parts.id;
}
