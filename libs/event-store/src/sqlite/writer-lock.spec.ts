import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { collect, recordIn, sampleEvents } from '../contract/index.js';
import { StoreLockedError } from '../errors.js';
import { commandOf } from './lock-holder.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  file = join(folder, 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Another process, which opens the store to write, says so, and stays until it is killed. */
const writer = [
  '--input-type=module',
  '--eval',
  `import { openSqliteEventStore } from '@penalty-ledger/event-store';
   try {
     openSqliteEventStore(process.argv[1], { access: 'write' });
     console.log('open');
     setInterval(() => {}, 1000);
   } catch (error) {
     console.log(error.code);
   }`,
];

function refusal(): StoreLockedError {
  try {
    openSqliteEventStore(file, { access: 'write' });
  } catch (error) {
    if (error instanceof StoreLockedError) return error;
  }
  throw new Error('another writer was let in');
}

describe('the lock of the writer', () => {
  it('keeps a second writer out until the first closes', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    expect(() => openSqliteEventStore(file, { access: 'write' })).toThrow(StoreLockedError);
    await store.close();
    await openSqliteEventStore(file, { access: 'write' }).close();
    expect(readdirSync(folder)).not.toContain('ledger.db-lock-holder');
  });

  it('says in both languages who holds it, since when, and what to do', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    const since = String.raw`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00`;
    expect(refusal()).toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          String.raw`ledger\.db" is open for writing in another process \(process ` +
            `${String(process.pid)} on "[^"]+", "[^"]+", since ${since}\\): stop that one, ` +
            'or open this for reading only$',
        ),
      ) as string,
      inBoth: {
        zh: expect.stringMatching(
          new RegExp(
            `上的进程 ${String(process.pid)}，"[^"]+"，始于 ${since}）：请停止那个进程，` +
              '或以只读方式打开$',
          ),
        ) as string,
      },
    });
    await store.close();
  });

  it('names nobody where the note is that of a dead process, or is none', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const store = openSqliteEventStore(file, { access: 'write' });
    const note = `${file}-lock-holder`;
    const nobody = '"ledger.db" is open for writing in another process: stop that one';
    const host = hostname();
    const holder = { pid: process.pid, host, command: 'ledger import' };
    writeFileSync(note, JSON.stringify(holder));
    expect(refusal().heldBy.en).toContain(`process ${String(process.pid)} on`);
    const notes = [
      { ...holder, pid: dead },
      // Each of these would be "running": a signal to it goes to a group of processes.
      ...[0, -1, -process.pid].map((pid) => ({ ...holder, pid })),
      ...[1.5, '1', null].map((pid) => ({ ...holder, host: 'elsewhere', pid })),
      ...['', 'a'.repeat(256), 'a\u001b[2Jb', 'a\u202eb', 'a\nb', 'a"b', 7].flatMap((text) => [
        { ...holder, host: text },
        { ...holder, command: text },
      ]),
      { ...holder, more: 'a'.repeat(5000) },
      { pid: process.pid, host },
    ];
    for (const text of [...notes.map((each) => JSON.stringify(each)), '{', '', '7', 'null']) {
      writeFileSync(note, text);
      const { message, inBoth } = refusal();
      expect(message.replace(folder + sep, '')).toContain(nobody);
      expect(inBoth.zh).toContain('正由另一个进程打开写入：请停止');
    }
    await store.close();
  });

  it.each([
    ['/opt/ledger/apps/cli/dist/main.js', 'import', 'ledger import'],
    ['/usr/bin/ledger', 'import', 'ledger import'],
    ['/opt/ledger/apps/cli/bin/ledger.js', '--store', 'ledger'],
    ['/opt/ledger/apps/api/dist/main.js', undefined, 'api'],
  ])('names the verb of %s %s', (program, verb, named) => {
    expect(commandOf(['node', program, ...(verb === undefined ? [] : [verb])])).toBe(named);
  });

  it('keeps one out that comes by another name', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    expect(() => openSqliteEventStore(link, { access: 'write' })).toThrow(StoreLockedError);
    await store.close();
  });

  it('keeps out a writer of another process', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    const other = spawnSync(process.execPath, [...writer, file], {
      cwd: __dirname,
      encoding: 'utf8',
    });
    expect(other.stdout).toBe('store_locked\n');
    await store.close();
  });

  it('is held by another process for as long as that lives, and not a moment longer', async () => {
    const other = spawn(process.execPath, [...writer, file], {
      cwd: __dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(other, 'exit');
    try {
      const [said] = (await once(other.stdout, 'data')) as [Buffer];
      expect(said.toString()).toBe('open\n');
      expect(() => openSqliteEventStore(file, { access: 'write' })).toThrow(StoreLockedError);
    } finally {
      other.kill('SIGKILL');
    }
    await ended;
    expect(readdirSync(folder)).toContain('ledger.db-lock-holder');
    await openSqliteEventStore(file, { access: 'write' }).close();
    expect(readdirSync(folder)).not.toContain('ledger.db-lock-holder');
  });

  it('lets readers in, who see each event once it is acknowledged and cannot append', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    const events = sampleEvents('agency/a1', 3);
    await store.append('agency/a1', 'no_stream', events.slice(0, 1));
    const reader = openSqliteEventStore(file, { access: 'read' });
    expect((await collect(reader.readAll())).map(recordIn)).toEqual(events.slice(0, 1));
    await store.append('agency/a1', 0, events.slice(1));
    expect((await collect(reader.readAll())).map(recordIn)).toEqual(events);
    await expect(
      reader.append('agency/a2', 'no_stream', sampleEvents('agency/a2', 1)),
    ).rejects.toThrow(`"${file}" is open for reading only`);
    await reader.close();
    await store.close();
  });
});
