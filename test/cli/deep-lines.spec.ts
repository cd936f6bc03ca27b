import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const program = join(__dirname, '../../apps/cli/bin/ledger.js');

const lists = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const objects = `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`;

it.each([
  ['simulate', lists],
  ['simulate', objects],
  ['import', lists],
  ['query', lists],
])('%s refuses a line nested 30,000 and 100,000 deep, and goes on', (verb, deep) => {
  const file = join(folder, 'deep.ndjson');
  const rulebook = `{"command":"PublishRulebook","data":{"rulebook":{"parameters":${deep}}}}`;
  writeFileSync(file, `${rulebook}\n${rulebook.replace('command', 'query')}\n`);
  const store = `sqlite:${join(folder, `${verb}.db`)}`;
  if (verb === 'query') spawnSync(process.execPath, [program, 'import', file, '--store', store]);
  const { status, stderr } = spawnSync(process.execPath, [program, verb, file, '--store', store], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('line 1: invalid: the line is nested deeper than 32');
  expect(stderr).toContain('line 2: invalid: the line is nested deeper than 32');
  // A refused line is an outcome like any other.
  expect(status).toBe(0);
});
