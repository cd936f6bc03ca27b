import { OpenParts } from './open-parts.js';

const order = ['first', 'second', 'third'] as const;

let closed: string[];
let parts: OpenParts<(typeof order)[number]>;
beforeEach(() => {
  closed = [];
  parts = new OpenParts(order);
});

function open(part: (typeof order)[number], failure?: Error): void {
  parts.opened(part, async () => {
    await Promise.resolve();
    closed.push(part);
    if (failure !== undefined) throw failure;
  });
}

it('closes what is open in the stated order, however it was opened', async () => {
  open('third');
  open('first');
  await parts.close();
  expect(closed).toEqual(['first', 'third']);
});

it('closes each part once', async () => {
  open('first');
  await Promise.all([parts.close(), parts.close()]);
  await parts.close();
  expect(closed).toEqual(['first']);
});

it('closes the other parts when one fails, and throws its error', async () => {
  const failure = new Error('it cannot be closed');
  open('first', failure);
  open('second');
  await expect(parts.close()).rejects.toBe(failure);
  expect(closed).toEqual(['first', 'second']);
});

it('throws every failure when several parts fail', async () => {
  open('first', new Error('one'));
  open('second', new Error('two'));
  open('third');
  await expect(parts.close()).rejects.toMatchObject({
    message: 'one; two',
    errors: [{ message: 'one' }, { message: 'two' }],
  });
  expect(closed).toEqual(['first', 'second', 'third']);
});

describe('after a part could not be opened', () => {
  const reason = new Error('it cannot be opened');

  it('closes the others, and throws why', async () => {
    open('second');
    await expect(parts.closeAfter(reason)).rejects.toBe(reason);
    expect(closed).toEqual(['second']);
  });

  it('throws why beside what failed to close', async () => {
    const failure = new Error('it cannot be closed');
    open('second', failure);
    await expect(parts.closeAfter(reason)).rejects.toMatchObject({ errors: [reason, failure] });
  });
});
