import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { runLines, type Result } from './command-loop.js';

const folder = temporaryFolder();

const deep = {
  lists: `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  objects: `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`,
};
const cases = [
  ['simulate', 'lists'],
  ['simulate', 'objects'],
  ['import', 'lists'],
  ['query', 'lists'],
] as const;

let results: readonly Result[];

beforeAll(() => {
  for (const [name, value] of Object.entries(deep)) {
    const line = `{"command":"PublishRulebook","data":{"rulebook":{"parameters":${value}}}}`;
    writeFileSync(join(folder, `${name}.ndjson`), `${line}\n${line.replace('command', 'query')}\n`);
  }
  const typed = cases.map(([verb, name]) => [
    ...[verb, `${name}.ndjson`, '--store', `sqlite:./${verb}.db`],
  ]);
  // Queries need a ledger.
  results = runLines(folder, [
    ['import', 'lists.ndjson', '--store', 'sqlite:./query.db'],
    ...typed,
  ]);
}, 60_000);

it.each(cases.map(([verb, name], index) => [verb, name, index] as const))(
  '%s refuses %s nested 30,000 and 100,000 deep in a line, and goes on',
  (_verb, _name, index) => {
    const { exitCode, stderr } = results[index + 1]!;
    expect(stderr).toContain('line 1: invalid: the line is nested deeper than 32');
    expect(stderr).toContain('line 2: invalid: the line is nested deeper than 32');
    // A refused line is an outcome like any other.
    expect(exitCode).toBe(0);
  },
);
