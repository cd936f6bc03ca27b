import { readFile, rm } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/*
 * Joins the built programs and what they import into few files, in `dist`. Loading 1,300 to 1,700
 * modules one by one is half of what a verb costs: `ledger balance` took 1.24 s and takes 0.63 s.
 * The threads are joined too. What a program loads late is still loaded late.
 */

const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const outdir = inRoot('dist');

const threads = {
  'fold-worker': 'libs/projections/dist/fold-worker.js',
  'pack-worker': 'libs/application/dist/packing/pack-worker.js',
  'projector-worker': 'libs/projections/dist/projector-worker.js',
  'writer-worker': 'libs/event-store/dist/sqlite/writer-worker.js',
};

/** Packages that stay as installed: they find native code or data by their own place. */
const asInstalled = [
  '@photostructure/sqlite',
  '@eventstore/db-client',
  '@kurrent/kurrentdb-client',
  'pdfkit',
];
/** What Nest looks for and may be missing. */
const optional = [
  ...['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express'],
  ...['@fastify/multipart', '@fastify/view', 'class-transformer'],
];

/** A module finds from its own place what it found there, and a thread beside the bundle. */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:libs|apps)[\\/][^\\/]+[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      if (/import\.meta\.(?:dirname|filename)/.test(text))
        throw new Error(`${path}: find files with new URL(…, import.meta.url)`);
      const place = JSON.stringify(relative(outdir, path).split('\\').join('/'));
      const contents = text.replace(
        /new URL\('[^']*?([\w-]+-worker)\.js', import\.meta\.url\)|import\.meta\.url/g,
        (_, thread) => {
          if (thread === undefined) return `new URL(${place}, import.meta.url).href`;
          if (thread in threads) return `new URL('./${thread}.js', import.meta.url)`;
          throw new Error(`${path}: the bundle has no thread ${thread}`);
        },
      );
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

const requireOf = "import { createRequire as requireOf } from 'node:module';";

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: Object.entries({
    ledger: 'apps/cli/dist/main.js',
    service: 'apps/api/dist/main.js',
    run: 'apps/cli/dist/run.js',
    program: 'apps/cli/dist/program.js',
    ...threads,
  }).map(([out, path]) => ({ in: inRoot(path), out })),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Error classes and Nest's providers are known by name.
  keepNames: true,
  external: [...asInstalled, ...optional],
  // CommonJS packages ask for Node's own modules with `require`.
  banner: { js: [requireOf, 'const require = requireOf(import.meta.url);'].join('\n') },
  plugins: [ownPlaces],
  logLevel: 'warning',
});
