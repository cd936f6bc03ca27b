import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from './support/folder.js';

const root = join(__dirname, '..');

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const { packages: lock } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** The packages of others, by their paths in `node_modules`. */
const installed = Object.entries(lock).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13);

describe('licences', () => {
  /** Licences that ask no more of a user than to keep their text. */
  const free = new Set([
    ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'],
    ...['OFL-1.1', 'Python-2.0', 'Unlicense', 'CC0-1.0'],
  ]);
  /** Data of which browsers know what, under the attribution licence; used by tools alone. */
  const ofTools = new Set(['CC-BY-4.0']);
  /** Packages that name their licence in a file only. */
  const inFile = new Map([['png-js', 'MIT License']]);

  const isFree = ({ license = '', dev }: Locked): boolean =>
    license
      .replace(/^\(|\)$/g, '')
      .split(/ AND | OR /)
      .every((each) => free.has(each) || (dev === true && ofTools.has(each)));

  it('of every installed package are free ones', () => {
    const others = installed.filter(([path, one]) => !inFile.has(nameOf(path)) && !isFree(one));
    expect(others.map(([path, { license }]) => `${path}: ${license ?? 'none'}`)).toEqual([]);
  });

  it.each([...inFile])('%s has its licence in a file: %s', (name, title) => {
    const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    expect(text.startsWith(title)).toBe(true);
  });
});

it('no package’s script runs at installation', () => {
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly allowScripts: Readonly<Record<string, boolean>>;
  };
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const denied = Object.fromEntries(scripted.map(([path]) => [nameOf(path), false]));
  expect(allowScripts).toEqual(denied);
});

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly unknown[];
}

it('the bill of materials names every package that runs, with its version and its hash', () => {
  const text = execFileSync('npm', ['run', '-s', 'sbom'], { cwd: root, encoding: 'utf8' });
  const { bomFormat, components } = JSON.parse(text) as {
    readonly bomFormat: string;
    readonly components: readonly Component[];
  };
  expect(bomFormat).toBe('CycloneDX');
  const named = new Map(components.map(({ purl, hashes }) => [decodeURIComponent(purl), hashes]));
  const run = installed.filter(([, { dev }]) => dev !== true);
  expect(run.length).toBeGreaterThan(100);
  const unnamed = run.filter(
    ([path, { version }]) => named.get(`pkg:npm/${nameOf(path)}@${version}`)?.length !== 1,
  );
  expect(unnamed.map(([path]) => path)).toEqual([]);
});

describe('the signatures of packages', () => {
  const folder = temporaryFolder();

  /** Runs the check with an npm that reports what is given. */
  function checked(report: unknown, status: number): { status: number | null; stdout: string } {
    const npm = join(folder, 'npm');
    writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(report)}\nEND\nexit ${status}\n`);
    chmodSync(npm, 0o755);
    return spawnSync(join(root, '.ci/signatures'), {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    });
  }

  it('pass where all hold', () => {
    expect(checked({ invalid: [], missing: [] }, 0)).toMatchObject({
      status: 0,
      stdout: 'signatures of packages hold\n',
    });
  });

  it('fail where one is wrong or missing, with the name of its package', () => {
    const wrong = { name: 'a', version: '1.0.0', code: 'EINTEGRITYSIGNATURE' };
    expect(
      checked({ invalid: [wrong], missing: [{ name: 'b', version: '2.0.0' }] }, 1),
    ).toMatchObject({
      status: 1,
      stdout: 'a@1.0.0: EINTEGRITYSIGNATURE\nb@2.0.0: no signature\n',
    });
  });

  it('are passed over where the keys cannot be fetched, and the reason is said', () => {
    expect(checked({ error: { code: 'ENOTFOUND', summary: 'no way out' } }, 1)).toMatchObject({
      status: 0,
      stdout: 'skipped: signatures of packages (no way out)\n',
    });
  });

  it('fail where npm reports nothing that can be read', () => {
    expect(checked('npm: not found', 127).status).not.toBe(0);
  });
});
