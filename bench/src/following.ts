import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { followLedger, SourceConnection } from '@penalty-ledger/application/following';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { measureCalls } from './calls.js';
import type { Study } from './harness.js';
import { command, Service } from './http.js';
import { deductionCommand } from './sample.js';

const program = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'bin', 'ledger.js');
const agencies = 1000;
const connections = 64;

/** Measures what a follower costs its source, how far it is behind, and how long it takes over. */
export function followed(requests: number): Study {
  return {
    name: 'following',
    explanation:
      'commands over 64 connections to a durable service, without a follower and with one that ' +
      'follows from another process on the same machine and disk; the lag of a command is the ' +
      'time from its acknowledgement until its event is durable in the copy',
    study: async (folder, say) => {
      const service = await Service.start('ledger', folder);
      try {
        const { send, close } = service.sender(await service.prepare(agencies, 0), connections);
        const files = filesIn(folder, service.token);
        let next = 0;
        const load = async (acknowledged: (position: number) => void): Promise<number> => {
          const from = next;
          next += requests;
          const { rate } = await measureCalls(requests, connections, async (index) => {
            const answer = await send(command(deductionCommand(from + index, agencies)));
            acknowledged(Number((JSON.parse(answer) as { readonly position: string }).position));
          });
          return rate;
        };
        // What is measured is compiled by then.
        await load(() => undefined);
        const unfollowed = await load(() => undefined);
        say(`following: ${unfollowed.toFixed(0)} commands a second without a follower`);
        const catchUpMs = await timed(() => copyAll(service, join(folder, 'second.db')));
        const events = next + agencies;
        const readMs = await timed(() => readAll(join(folder, 'service', 'ledger.db')));
        const follower = spawn(
          process.execPath,
          [program, 'follow', service.url, ...files.follow],
          { stdio: 'ignore' },
        );
        while (!existsSync(files.status)) await pause(50);
        await pause(1_000);
        const lags = new Lags(files.copy);
        const beside = await load((position) => lags.acknowledged(position));
        const measured = await lags.end();
        say(`following: ${beside.toFixed(0)} commands a second with one`);
        const again = await load(() => undefined);
        follower.kill('SIGTERM');
        await once(follower, 'exit');
        close();
        const promoteMs = await timed(() => ledger('promote', ...files.promote));
        const mean = (beside + again) / 2;
        const ratio = mean / unfollowed;
        return [
          '| | |',
          '| --- | --- |',
          `| commands a second, unfollowed | ${unfollowed.toFixed(0)} |`,
          `| commands a second, followed | ${mean.toFixed(0)} (${ratio.toFixed(2)}) |`,
          `| lag, median | ${measured.at(0.5).toFixed(0)} ms |`,
          `| lag, 99 % | ${measured.at(0.99).toFixed(0)} ms |`,
          `| catching up | ${rate(events, catchUpMs)} events a second |`,
          `| reading the events only | ${rate(events, readMs)} events a second |`,
          `| promotion, from the program's start to its end | ${promoteMs.toFixed(0)} ms |`,
        ].join('\n');
      } finally {
        await service.end();
      }
    },
  };
}

const rate = (events: number, ms: number): string => ((events / ms) * 1_000).toFixed(0);

interface Files {
  readonly copy: string;
  /** Written once the follower has reached its source. */
  readonly status: string;
  /** The options of each verb. */
  readonly follow: readonly string[];
  readonly promote: readonly string[];
}

function filesIn(folder: string, token: string): Files {
  const [copy, tokenFile] = [join(folder, 'copy.db'), join(folder, 'token')];
  writeFileSync(tokenFile, token);
  const keys = join(folder, 'service', 'ledger.keys.db');
  return {
    copy,
    status: join(folder, 'copy.following.json'),
    follow: ['--to', `sqlite:${copy}`, '--token-file', tokenFile, '--name', 'b'],
    promote: ['--store', `sqlite:${copy}`, '--token-file', tokenFile, '--keys', keys, '--yes'],
  };
}

/** Copies everything that a service has, in this process. */
async function copyAll({ url, token }: Service, file: string): Promise<void> {
  const source = new SourceConnection({ url, token });
  const { signal } = new AbortController();
  await followLedger({ source, to: `sqlite:${file}`, name: 'second', once: true, signal });
  source.close();
}

async function ledger(...given: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...given], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`ledger ${given.join(' ')} ended with ${String(code)}: ${said}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function readAll(file: string): Promise<void> {
  const store = openSqliteEventStore(file, { access: 'read' });
  for await (const batch of store.readAll()) if (batch.length === 0) break;
  await store.close();
}

/** Compares the acknowledgements of a source with the head of a copy. */
class Lags {
  readonly #waiting: { readonly position: number; readonly atMs: number }[] = [];
  readonly #lags: number[] = [];
  readonly #ended = new AbortController();
  readonly #polling: Promise<void>;

  constructor(copy: string) {
    this.#polling = this.#poll(copy);
  }

  acknowledged(position: number): void {
    this.#waiting.push({ position, atMs: performance.now() });
  }

  /** Waits until the copy holds everything that was acknowledged. */
  async end(): Promise<{ at(part: number): number }> {
    this.#ended.abort();
    await this.#polling;
    const sorted = this.#lags.toSorted((one, other) => one - other);
    return { at: (part) => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN };
  }

  async #poll(copy: string): Promise<void> {
    const store = openSqliteEventStore(copy, { access: 'read' });
    while (!this.#ended.signal.aborted || this.#waiting.length > 0) {
      const head = Number((await store.head()) ?? 0);
      const nowMs = performance.now();
      // Acknowledgements come nearly in order: one that waits behind a later one is found next.
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        if (first.position > head) break;
        this.#lags.push(nowMs - first.atMs);
        this.#waiting.shift();
      }
      await pause(2);
    }
    await store.close();
  }
}
