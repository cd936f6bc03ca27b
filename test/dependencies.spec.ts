import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly scripts?: Versions;
  readonly bin?: string | Versions;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly overrides?: Versions;
}

const root = join(__dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifestIn = (folder: string): Manifest =>
  JSON.parse(read(join(folder, 'package.json'))) as Manifest;
const installed = (name: string): Manifest => manifestIn(join('node_modules', name));

/** Our packages: `libs/ledger`. */
const packages = ['libs', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`),
);

/** Read by its path where a statement is printed: a font cannot be imported. */
const font = '@expo-google-fonts/noto-sans-sc';

/** The files of JavaScript and TypeScript in a folder, without what is made of them. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]s$/.test(path) && !/^dist\//.test(path))
    .map((path) => join(folder, path));
}

const isSpec = (path: string): boolean => path.endsWith('.spec.ts');

/** The packages that some files import. */
function importedBy(files: readonly string[]): Set<string> {
  const from = /\b(?:from|import|require)\s*\(?\s*'((?:@[\w.-]+\/)?[\w-][\w.-]*)/g;
  return new Set(files.flatMap((path) => [...read(path).matchAll(from)].map(([, name]) => name!)));
}

/** The packages that others expect beside them. */
const peersOf = (names: readonly string[]): Set<string> =>
  new Set(names.flatMap((name) => Object.keys(installed(name).peerDependencies ?? {})));

/** The rows of a table in `docs/dependencies.md`, in cells. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = read('docs/dependencies.md').split(`## ${heading}\n`);
  return section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| /, '')));
}

/** The packages that a cell names, each with the beginning of its version where one is stated. */
const packagesIn = (cell: string): [name: string, version: string][] =>
  [...cell.matchAll(/`([^`]+)`(?: ([\d.]+))?/g)].map(([, name, version]) => [name!, version ?? '']);

const othersOf = (versions: Versions = {}): [name: string, version: string][] =>
  Object.entries(versions).filter(([name]) => !name.startsWith('@penalty-ledger/'));

/** The version of a package that some manifest declares. */
function versionOf(name: string): string {
  const manifests = ['.', ...packages].map(manifestIn);
  const versions = manifests.map((one) => one.dependencies?.[name] ?? one.devDependencies?.[name]);
  return versions.find((version) => version !== undefined) ?? 'none';
}

it.each(packages)('%s declares only what it imports, and what that expects beside it', (folder) => {
  const declared = Object.keys(manifestIn(folder).dependencies ?? {});
  const imported = importedBy(sourcesIn(`${folder}/src`).filter((path) => !isSpec(path)));
  const expected = peersOf(declared.filter((name) => imported.has(name)));
  const unused = declared.filter((name) => !imported.has(name) && !expected.has(name));
  expect(unused.filter((name) => name !== font)).toEqual([]);
});

it('the root declares only what tests, measurements, scripts and settings use', () => {
  const { scripts = {}, devDependencies = {} } = manifestIn('.');
  const declared = Object.keys(devDependencies);
  const settings = readdirSync(root).filter((name) => /\.[cm]?js$/.test(name));
  const specs = packages.flatMap((folder) => sourcesIn(`${folder}/src`)).filter(isSpec);
  const imported = importedBy([
    ...[...sourcesIn('test'), ...sourcesIn('bench')],
    ...[...specs, ...settings, '.ci/bundle.mjs'],
  ]);
  const texts = [...Object.values(scripts), read('jest.config.js')].join('\n');
  const isRun = (name: string): boolean => {
    const { bin = {} } = installed(name);
    const commands = typeof bin === 'string' ? [name] : Object.keys(bin);
    return [...commands, `'${name}'`].some((word) => texts.split(/[\s,;[\]]+/).includes(word));
  };
  const used = declared.filter((name) => imported.has(name) || isRun(name));
  const expected = peersOf(used);
  const everywhere = importedBy(packages.flatMap((folder) => sourcesIn(`${folder}/src`)));
  const isTypesOf = (name: string): boolean => {
    const [, typed = ''] = name.split('@types/');
    return typed === 'node' || used.includes(typed) || everywhere.has(typed);
  };
  const unused = declared.filter((name) => !used.includes(name) && !expected.has(name));
  expect(unused.filter((name) => !isTypesOf(name))).toEqual([]);
});

it('every version is exact, and the lock names no registry', () => {
  const manifests = ['.', ...packages].map(manifestIn);
  const versions = manifests.flatMap(({ dependencies, devDependencies, overrides }) =>
    [dependencies, devDependencies, overrides].flatMap(othersOf),
  );
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-build\d+)?$/.test(version))).toEqual(
    [],
  );
  const { packages: locked } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { resolved?: string; link?: boolean }>;
  };
  const named = Object.values(locked).filter(({ link }) => link !== true);
  expect(named.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

describe('docs/dependencies.md', () => {
  it('has one line for each dependency at run time, with its version and who uses it', () => {
    const declared = packages.flatMap((folder) =>
      othersOf(manifestIn(folder).dependencies).map(([name]) => `${name} in ${folder}`),
    );
    const listed = rowsUnder('At run time').flatMap(([names = '', users = '']) =>
      packagesIn(names).flatMap(([name]) =>
        packagesIn(users).map(([folder]) => `${name} in ${folder}`),
      ),
    );
    expect(listed.sort()).toEqual(declared.sort());
  });

  it('has one line for each dependency of development', () => {
    const listed = rowsUnder('For development').flatMap(([names = '']) => packagesIn(names));
    expect(listed.map(([name]) => name).sort()).toEqual(
      Object.keys(manifestIn('.').devDependencies ?? {}).sort(),
    );
  });

  it('states versions as they are', () => {
    const all = ['At run time', 'For development'].flatMap(rowsUnder);
    const wrong = all
      .flatMap(([names = '']) => packagesIn(names))
      .filter(([name, stated]) => !`${versionOf(name)}.`.startsWith(stated && `${stated}.`));
    expect(wrong).toEqual([]);
  });

  it('says why of each override', () => {
    const [, why = ''] = read('docs/dependencies.md').split('## Overrides');
    const overrides = Object.entries(manifestIn('.').overrides ?? {});
    const unsaid = overrides.filter(([name, version]) => !why.includes(`\`${name}\` ${version}`));
    expect(unsaid).toEqual([]);
  });
});
