import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly user?: string;
  readonly restart?: string;
}

interface Network {
  readonly internal?: boolean;
  readonly ipam?: {
    readonly config: readonly { readonly subnet: string; readonly gateway: string }[];
  };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, Network>>;
}

// A parser of YAML that is there anyway: Jest's coverage brings it.
const root = join(import.meta.dirname, '../..');
const yaml = createRequire(join(root, 'package.json'))('js-yaml') as {
  load(text: string): Compose;
};

describe.each([['compose.yml'], ['compose.cluster.yml']])('docker/%s', (file) => {
  const text = readFileSync(join(root, 'docker', file), 'utf8');
  const { services, volumes, networks } = yaml.load(text);
  const all = Object.entries(services);
  const engines = all.filter(([name]) => name.startsWith('engine'));
  const ledgers = all.filter(([name]) => name.startsWith('ledger'));

  it('names every image by a tag that does not move', () => {
    for (const [, { image }] of all) expect(image).toMatch(/:(\d+\.\d+\.\d+[\w.-]*\}?|local)$/u);
    expect(text).not.toContain(':latest');
  });

  it('mounts every volume that it declares, and no other', () => {
    const mounted = new Set(
      all.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(':')[0])),
    );
    expect(mounted).toEqual(new Set(Object.keys(volumes)));
  });

  it('publishes the ledger only on the loopback address, and does not publish the engine', () => {
    for (const [, { ports }] of ledgers)
      expect(ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    for (const [, { ports, networks: joined }] of engines) {
      expect(ports).toBeUndefined();
      expect(joined?.every((network) => networks[network]?.internal === true)).toBe(true);
    }
  });

  it('starts every engine and ledger again, whatever its exit code', () => {
    expect(engines.length).toBeGreaterThan(0);
    for (const [, { restart }] of [...engines, ...ledgers]) expect(restart).toBe('unless-stopped');
  });

  it('trusts as a proxy the gateway of the network it is published from, and no one else', () => {
    for (const [, { environment }] of ledgers)
      expect(environment?.['LEDGER_TRUST_PROXY']).toBe(networks['front']?.ipam?.config[0]?.gateway);
  });

  it('holds no password, and asks for each it needs', () => {
    for (const [, { environment = {} }] of all)
      for (const [name, value] of Object.entries(environment))
        if (name.includes('PASSWORD')) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/u);
    expect(text).not.toContain('changeit');
  });

  it('gives the ledger a file system it cannot write, but for its data', () => {
    for (const [, ledger] of ledgers) {
      expect(ledger.read_only).toBe(true);
      expect(ledger.environment?.['LEDGER_DATA']).toBe('/data');
      expect(ledger.volumes?.some((volume) => volume.endsWith(':/data'))).toBe(true);
    }
  });
});

it.each(['compose.yml', 'compose.cluster.yml'])(
  'docker/%s gives what runs our image no capability, no new one, and the image’s user',
  (file) => {
    const { services } = yaml.load(readFileSync(join(root, 'docker', file), 'utf8'));
    const ours = Object.values(services).filter(({ image }) => image === 'penalty-ledger:local');
    expect(ours.length).toBeGreaterThan(0);
    for (const { cap_drop: dropped, security_opt: options, user } of ours) {
      expect(dropped).toEqual(['ALL']);
      expect(options).toEqual(['no-new-privileges:true']);
      expect(user).toBeUndefined();
    }
  },
);

describe('docker/compose.cluster.yml', () => {
  const { services } = yaml.load(readFileSync(join(root, 'docker/compose.cluster.yml'), 'utf8'));
  const named = (part: string) =>
    Object.entries(services).filter(([name]) => name.startsWith(part));

  it('has three secured engines that know each other, and two ledgers with their own data', () => {
    expect(named('engine-')).toHaveLength(3);
    for (const [name, { environment = {} }] of named('engine-')) {
      expect(environment['EVENTSTORE_CLUSTER_SIZE']).toBe(3);
      expect(environment['EVENTSTORE_INSECURE']).toBeUndefined();
      expect(environment['EVENTSTORE_NODE_HOST_ADVERTISE_AS']).toBe(name);
      const seeds = String(environment['EVENTSTORE_GOSSIP_SEED']).split(',');
      expect([...seeds, `${name}:2113`].sort()).toEqual([
        'engine-1:2113',
        'engine-2:2113',
        'engine-3:2113',
      ]);
    }
    const data = named('ledger-').map(([, { volumes }]) =>
      volumes?.find((volume) => volume.endsWith(':/data')),
    );
    expect(new Set(data).size).toBe(2);
    for (const [, { environment }] of named('ledger-')) {
      expect(environment?.['LEDGER_ALLOW_INSECURE']).toBeUndefined();
      expect(environment?.['LEDGER_STORE']).not.toContain('tls=false');
    }
  });

  it('shows the authority’s key to the service that makes certificates, and to no other', () => {
    const holders = Object.entries(services).filter(([, { volumes }]) =>
      (volumes ?? []).some((volume) => volume.startsWith('authority-key:')),
    );
    expect(holders.map(([name]) => name)).toEqual(['certificates']);
  });
});

describe('.dockerignore', () => {
  it('keeps files of passwords, and what is built outside, from the image’s build', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    for (const pattern of ['**/.env', '**/dist', 'node_modules', 'data', '.git'])
      expect(ignored).toContain(pattern);
  });
});

describe('docker/Dockerfile', () => {
  const text = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');

  it('builds every stage on one image, whose version and digest are pinned', () => {
    const [, line] = /^ARG NODE_TAG=(\d+)\.\d+\.\d+-bookworm-slim$/mu.exec(text) ?? [];
    expect(text).toMatch(/^ARG NODE_DIGEST=sha256:[0-9a-f]{64}$/mu);
    expect(text.match(/^FROM .*$/gmu)).toEqual([
      'FROM node:${NODE_TAG}@${NODE_DIGEST} AS base',
      'FROM base AS build',
      'FROM base',
    ]);
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toMatch(new RegExp(`Node ${line}[^.]* LTS`));
  });

  it('runs as a user without rights, and its build makes the bill of materials', () => {
    expect(text.match(/^USER .*$/gmu)).toEqual(['USER node']);
    expect(text.indexOf('USER node')).toBeGreaterThan(text.lastIndexOf('FROM base'));
    expect(text).toContain('npm run -s sbom > sbom.cdx.json');
    expect(text).toMatch(/^COPY --from=build .*sbom\.cdx\.json/mu);
  });

  it('starts Node with the flags of "npm start"', () => {
    const [, entry = '[]'] = /^ENTRYPOINT (.*)$/mu.exec(text) ?? [];
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: { readonly start: string };
    };
    const [, started] = scripts.start.split(' && ');
    expect((JSON.parse(entry) as readonly string[]).join(' ')).toBe(started);
    expect(started).toContain(' --');
  });

  it('keeps the one file of the font that statements are printed with', () => {
    const printer = readFileSync(
      join(root, 'libs/application/src/packing/installed-printer.ts'),
      'utf8',
    );
    const font = /([\w.-]+\.ttf)\b/u.exec(printer)?.[1];
    expect(text).toContain(`! -name '${font}' -delete`);
  });

  it('has the texts that a refusal’s rule links to, where the service looks for them', () => {
    const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
    expect(dockerfile).toContain('COPY --from=build /ledger/docs ./docs\n');
    expect(readFileSync(join(root, '.dockerignore'), 'utf8')).not.toMatch(/docs|\.md/);
  });
});
