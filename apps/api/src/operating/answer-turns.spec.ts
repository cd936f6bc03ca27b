import 'reflect-metadata';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { from, lastValueFrom } from 'rxjs';
import { AnswerTurns, maxAskedOfOne } from './answer-turns.js';

/** Answers that end when they are told to. */
class Answering {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (problem?: Error) => void>();
  readonly #turns = new AnswerTurns();

  ask(sender: string, name: string): Promise<unknown> {
    const context = {
      switchToHttp: () => ({ getRequest: () => ({ principal: { id: sender, roles: [] } }) }),
    };
    const next: CallHandler = {
      handle: () => {
        this.begun.push(name);
        return from(
          new Promise((resolve, reject) => {
            this.#ends.set(name, (problem) => {
              if (problem === undefined) resolve(name);
              else reject(problem);
            });
          }),
        );
      },
    };
    return lastValueFrom(this.#turns.intercept(context as unknown as ExecutionContext, next));
  }

  async end(name: string, problem?: Error): Promise<void> {
    this.#ends.get(name)?.(problem);
    await this.rounds();
  }

  /** Lets the event loop go on until nothing more begins. */
  async rounds(): Promise<void> {
    for (let round = 0; round < 20; round += 1) await new Promise(setImmediate);
  }
}

it('answers 16 requests of one sender at once, and another sender’s beside them', async () => {
  const answering = new Answering();
  const many = Array.from({ length: 40 }, (_, n) => answering.ask('many', `many${n}`));
  const few = answering.ask('few', 'few');
  await answering.rounds();
  const first = Array.from({ length: 16 }, (_, n) => `many${n}`);
  expect(answering.begun).toEqual([...first, 'few']);
  await answering.end('few');
  expect(await few).toBe('few');
  await answering.end('many3');
  const failure = new Error('it failed');
  const failed = expect(many[5]).rejects.toBe(failure);
  await answering.end('many5', failure);
  await failed;
  expect(answering.begun.slice(17)).toEqual(['many16', 'many17']);
});

it('begins 16 answers in one round of the event loop, of each sender in turn', async () => {
  const answering = new Answering();
  for (let n = 0; n < 16; n += 1) void answering.ask('many', `many${n}`);
  for (let n = 0; n < 3; n += 1) void answering.ask('other', `other${n}`);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(answering.begun).toHaveLength(16);
  await answering.rounds();
  expect(answering.begun).toHaveLength(19);
});

it('refuses a sender with a quarter of all that may wait, and no other', async () => {
  const answering = new Answering();
  for (let n = 0; n < maxAskedOfOne; n += 1) void answering.ask('many', `many${n}`);
  expect(() => answering.ask('many', 'more')).toThrow(
    expect.objectContaining({ code: 'unavailable' }) as Error,
  );
  void answering.ask('few', 'few');
  await answering.rounds();
  expect(answering.begun).toContain('few');
});
