import { createInterface } from 'node:readline/promises';
import { plainLine } from '@penalty-ledger/application/printable';
import { flush } from './io.js';

/** Says whether a person can be asked: questions and answers go through a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a person one question at the terminal; `undefined` when they end the input. */
export async function ask(question: string): Promise<string | undefined> {
  // The question comes after the page that it is about.
  await flush();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<undefined>((resolve) =>
      lines.once('close', () => resolve(undefined)),
    );
    const answer = await Promise.race([lines.question(`${plainLine(question)} `), ended]);
    // The cursor still stands behind the question.
    if (answer === undefined) process.stderr.write('\n');
    return answer;
  } finally {
    lines.close();
  }
}
