import {
  HistoriesDifferError,
  SourceAwayError,
  SourceRefusedError,
} from '@penalty-ledger/application/following';
import { openSqliteEventStore, setCustody } from '@penalty-ledger/event-store';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { testService, TestService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { AlteringSource, type Page } from './altering-source.js';
import { admit, bodiesIn, followOnce } from './copies.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const held = testService();
let source: AlteringSource;
let count = 0;
let file: string;
let url: string;

beforeAll(async () => {
  source = await AlteringSource.before(held.current.serving.url);
  await admit(held.current, 'a1', 'a2', 'a3', 'a4');
  await held.current.ask('POST', '/checkpoints', { as: held.current.tokens['auditor']! });
});
afterAll(() => source.close());

beforeEach(() => {
  count += 1;
  file = join(folder, `copy-${count}.db`);
  url = `sqlite:${file}`;
  source.alter = (_, body) => body;
});

const attempt = () => followOnce(source.url, url, { token: held.current.tokens['auditor']! });

/** Follows, and gives the one line with which it stops, and the number of events kept. */
async function refusal(): Promise<{ readonly line: string; readonly kept: number }> {
  const error: unknown = await attempt().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceRefusedError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return { line: message, kept: (await bodiesIn(file)).length };
}

const changed = (body: string, from: string, to: string): string => {
  expect(body).toContain(from);
  return body.replace(from, to);
};

describe('of a source that lies, nothing is stored that does not verify', () => {
  it.each<readonly [string, number, RegExp, (page: Page) => void]>([
    [
      'an event that is not canonical',
      3,
      /event 4: its bytes are not canonical JSON/,
      ({ bodies }) => (bodies[3] = ` ${bodies[3]!}`),
    ],
    [
      'an event in another place',
      4,
      /event 5: its bytes are revision 1 .*its place is revision 0/,
      ({ bodies }) => (bodies[4] = changed(bodies[4]!, '"revision":0', '"revision":1')),
    ],
    [
      'an id that its command does not give',
      4,
      /event 5: its id is/,
      ({ bodies }) => (bodies[4] = bodies[4]!.replace(/"id":"[0-9a-f]{8}/, '"id":"00000000')),
    ],
    [
      'an event that is skipped',
      1,
      /event 2: .*its place is revision 0 of "rulebooks"/,
      ({ bodies, head }) => {
        bodies.splice(1, 1);
        head['count'] = bodies.length;
      },
    ],
    [
      'two events in another order',
      1,
      /event 2: .*its place is revision 0 of "rulebooks"/,
      ({ bodies }) => bodies.splice(1, 2, bodies[2]!, bodies[1]!),
    ],
    [
      'an event that comes twice',
      4,
      /event 5: its bytes are revision 0 .*its place is revision 1/,
      ({ bodies }) => bodies.splice(4, 1, bodies[3]!),
    ],
    [
      'an event of a newer release',
      3,
      /AgencyXX/,
      ({ bodies }) => (bodies[3] = changed(bodies[3]!, '"AgencyAdmitted"', '"AgencyXX"')),
    ],
  ])('%s', async (_, kept, line, change) => {
    source.pages(change);
    const error: Error = await attempt().then(
      () => new Error('it was accepted'),
      (thrown: unknown) => thrown as Error,
    );
    expect(error.message).toMatch(line);
    expect(error.message).not.toContain('\n');
    expect((await bodiesIn(file)).length).toBe(kept);
  });

  it('pages of another form', async () => {
    const forms: readonly (readonly [RegExp, (body: Buffer) => Buffer])[] = [
      [/does not end with a line feed/, (body) => body.subarray(0, -1)],
      [/begins with "<html>/, () => Buffer.from('<html>\u001b[2J\n')],
      [/is not UTF-8/, (body) => Buffer.concat([body, Buffer.from([0xff, 0x0a])])],
      [/announces \d+ events and has/, (body) => Buffer.concat([body, Buffer.from('{}\n')])],
      [/the first line of a page: page.ledgerId: missing/, () => Buffer.from('{}\n')],
      [/longer than \d+ bytes/, () => Buffer.alloc(6 << 20, 0x20)],
    ];
    for (const [line, form] of forms) {
      source.alter = (path, body) => (path.startsWith('/events/records') ? form(body) : body);
      const refused = await refusal();
      expect(refused.line).toMatch(line);
      expect(refused.line).not.toContain('\u001b');
      expect(refused.kept).toBe(0);
    }
  });

  it('an event that is too large', async () => {
    source.pages(({ bodies }) => (bodies[0] = `{"a":"${'x'.repeat(900_000)}"}`));
    expect(await refusal()).toEqual({
      kept: 0,
      line: expect.stringMatching(
        /event 1: it has 900\d+ bytes, and the limit is 800000/,
      ) as string,
    });
  });

  it('a page without end', async () => {
    source.alter = (path, body, response) => {
      if (!path.startsWith('/events/records')) return body;
      const send = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.writeHead(200).on('drain', send);
      send();
      return undefined;
    };
    expect((await refusal()).line).toMatch(/longer than/);
  });

  it('events after another position than it was asked for', async () => {
    source.pages(({ head }) => (head['after'] = '5'));
    expect((await refusal()).line).toMatch(/asked for the events after 0, and sent those after 5/);
  });

  it('another ledger, from the first page and later', async () => {
    source.pages(({ head }) => (head['ledgerId'] = '00000000-0000-4000-8000-000000000000'));
    expect((await refusal()).line).toMatch(/serves the ledger 00000000.*, and the key is of/);
    source.alter = (_, body) => body;
    await attempt();
    const kept = (await bodiesIn(file)).length;
    source.pages(({ head }) => (head['ledgerId'] = '00000000-0000-4000-8000-000000000000'));
    expect(await refusal()).toEqual({
      kept,
      line: expect.stringMatching(/the copy is of/) as string,
    });
  });

  it('another key than the one that was given', async () => {
    const other = await TestService.start(join(folder, 'other'));
    await other.serving.close();
    const given = other.serving.verifierKey!;
    const following = followOnce(source.url, url, {
      token: held.current.tokens['auditor']!,
      key: given,
    });
    await expect(following).rejects.toThrow(/signs with the key .*, and .* is given/);
  });

  it('a checkpoint that another key signed', async () => {
    source.alter = (path, body) =>
      path.startsWith('/checkpoints')
        ? Buffer.from(body.toString().replace(/(— \S+ .{8}).{8}/, '$1AAAAAAAA'))
        : body;
    expect((await refusal()).line).toMatch(/checkpoint of \d+ events is not signed by/);
  });

  it('a tail that is gone', async () => {
    await attempt();
    const kept = (await bodiesIn(file)).length;
    source.pages(({ head }) => (head['head'] = String(kept - 1)));
    expect(await refusal()).toEqual({
      kept,
      line: expect.stringMatching(/its tail is gone/) as string,
    });
  });

  it('a source that is too slow or fails is away, and nothing is refused', async () => {
    source.alter = (_, __, response) => void response.writeHead(503).end('{"detail":"busy"}');
    await expect(attempt()).rejects.toThrow(SourceAwayError);
    source.alter = (_, __, response) => void response.socket?.destroy();
    await expect(attempt()).rejects.toThrow(SourceAwayError);
  });
});

describe('two histories of one ledger', () => {
  it('differ at the first event that one of them does not have', async () => {
    const place = join(folder, 'forked');
    const one = await TestService.start(place);
    await admit(one, 'f1');
    await followOnce(one.serving.url, url, { token: one.tokens['auditor']! });
    await one.serving.close();
    const other = join(folder, 'other-machine');
    // The other machine has the same beginning, and goes on by itself.
    cpSync(place, other, { recursive: true });
    const again = await TestService.start(place);
    again.tokens['staff'] = one.tokens['staff']!;
    await admit(again, 'f2');
    await followOnce(again.serving.url, url, { token: one.tokens['auditor']! });
    await again.serving.close();
    const forked = await TestService.start(other);
    forked.tokens['staff'] = one.tokens['staff']!;
    await admit(forked, 'g2', 'g3');
    await expect(
      followOnce(forked.serving.url, url, { token: one.tokens['auditor']! }),
    ).rejects.toThrow(HistoriesDifferError);
    await forked.serving.close();
  });

  it('are found by a checkpoint when the source hides the difference, and for good', async () => {
    const place = join(folder, 'hidden');
    const one = await TestService.start(place);
    const token = one.tokens['auditor']!;
    await admit(one, 'h1');
    await followOnce(one.serving.url, url, { token });
    const kept = (await bodiesIn(file)).length;
    await admit(one, 'h2');
    await one.ask('POST', '/checkpoints', { as: token });
    // The actor is neither in an event's id nor in the chain, so the altered event is whole.
    const lying = await AlteringSource.before(one.serving.url);
    lying.pages(({ bodies }) => {
      bodies.forEach((body, index) => {
        bodies[index] = body.replace(/"actor":"[^"]+"/, '"actor":"somebody"');
      });
    });
    await expect(followOnce(lying.url, url, { token })).rejects.toThrow(
      /another history|has the root|signed with the root/,
    );
    await expect(followOnce(one.serving.url, url, { token })).rejects.toThrow(SourceRefusedError);
    lying.close();
    await one.serving.close();
    expect((await bodiesIn(file)).length).toBe(kept + 1);
  });
});

it('a file that lost the facts of its copy is damaged, and is not written', async () => {
  const store = openSqliteEventStore(file, { access: 'write', as: 'follower' });
  setCustody(store, { role: 'follower', other: source.url, details: {} });
  await store.close();
  await expect(attempt()).rejects.toMatchObject({ code: 'integrity' });
});
