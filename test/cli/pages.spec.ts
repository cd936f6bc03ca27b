import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isInCi } from '../support/ci.js';
import { checkPage, installPackages, stepsOf } from './page.js';
import { Shell } from './transcript.js';

const root = join(__dirname, '../..');
const names = ['first-appeal', 'first-audit', 'first-integration'];
const languages = [
  ['docs', 'en_US.UTF-8'],
  ['docs/zh', 'zh_CN.UTF-8'],
] as const;
/** A program that a page needs beside the ledger; outside CI the page is not run without it. */
const needs = (name: string): string => (name === 'first-integration' ? 'curl' : 'bash');
const isRun = (name: string): boolean =>
  isInCi || spawnSync(needs(name), ['--version']).error === undefined;
const pages = names
  .filter(isRun)
  .flatMap((name) =>
    languages.map(([folder, locale]) => ({ path: `${folder}/${name}.md`, name, locale })),
  );

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The text with free ports in place of those that the page names. */
async function onFreePorts(text: string): Promise<string> {
  const [service, receiver] = [await freePort(), await freePort()];
  return text.replaceAll('8080', String(service)).replaceAll('9000', String(receiver));
}

it.concurrent.each(pages)(
  '$path: its commands print what it shows',
  async ({ path, name, locale }) => {
    const shell = new Shell();
    shell.env['LANG'] = locale;
    try {
      cpSync(join(root, 'docs/examples', name), shell.folder, { recursive: true });
      installPackages(shell);
      const steps = stepsOf(await onFreePorts(textOf(path)));
      expect(steps.length).toBeGreaterThan(4);
      await checkPage(shell, steps);
    } finally {
      shell.remove();
    }
  },
  300_000,
);

for (const name of names.filter((each) => !isRun(each)))
  it.skip(`${name}: not run, for there is no ${needs(name)} here`, () => undefined);

describe('a page is not as it says', () => {
  it.each([
    ['a command that fails', ['false', '']],
    ['a command that prints something else', ['echo one', 'two']],
    ['a command that ends the shell, and one behind it that never runs', ['exit', '']],
  ] as const)('with %s', async (_what, [command, shown]) => {
    const shell = new Shell();
    try {
      const steps = [
        { command, shown },
        { command: 'true', shown: '' },
      ];
      await expect(checkPage(shell, steps)).rejects.toThrow(command);
      await checkPage(shell, steps.slice(1));
    } finally {
      shell.remove();
    }
  });
});

it('the two languages of a page show the same commands', () => {
  const commandsOf = (path: string): string[] =>
    stepsOf(textOf(path)).map(({ command }) => command);
  for (const name of names)
    expect(commandsOf(`docs/zh/${name}.md`)).toEqual(commandsOf(`docs/${name}.md`));
});

it('an officer has a filed and verified appeal after ten commands', () => {
  const steps = stepsOf(textOf('docs/first-appeal.md'));
  expect(steps.length).toBeLessThanOrEqual(10);
  expect(steps.map(({ command }) => command).join('\n')).toMatch(/appeal file [^]*ledger verify /);
});
