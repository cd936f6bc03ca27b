import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Spectral, type RulesetDefinition } from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import ts from 'typescript';
import { temporaryFolder } from '../support/folder.js';
import { testService } from './service.js';

const root = join(__dirname, '..', '..');
const held = testService();
const folder = temporaryFolder();
const file = join(folder, 'openapi.json');

let text: string;

beforeAll(async () => {
  ({ text } = await held.current.get('/openapi.json', { as: '' }));
  writeFileSync(file, text);
});

it('the recommended rules of Redocly find nothing', () => {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '-s', 'openapi:rules', '--', '--format=json', file],
    {
      cwd: root,
      encoding: 'utf8',
      // Nothing is asked of any other place, or told to it.
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      maxBuffer: 1e8,
    },
  );
  const report = stdout.slice(0, stdout.lastIndexOf('}') + 1);
  expect({ status, report, stderr }).toMatchObject({ status: 0 });
  expect(JSON.parse(report)).toMatchObject({
    totals: { errors: 0, warnings: 0, ignored: 0 },
    problems: [],
  });
}, 60_000);

it('the recommended rules of spectral:oas find nothing', async () => {
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [[oas as RulesetDefinition, 'recommended']] });
  const remarks = await spectral.run(JSON.parse(text) as Record<string, unknown>);
  expect(remarks.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`)).toEqual(
    [],
  );
}, 60_000);

/** Compiles against each client what its reader would write. */
const use = `
import { whatif } from './functions/sdk.gen.js';
import { OpenAPI, QueriesService } from './services/index.js';
import type { operations, paths } from './types.js';

type Balance =
  paths['/agencies/{agencyId}/balance']['get']['responses'][200]['content']['application/json'];
export const pointsOf = ({ balance }: Balance): number => balance;
export const asked: operations['whatif']['parameters']['path'] = { agencyId: 'mcn-007' };

const body = { without: ['d-1'], points: { 'd-2': 3 } };
export const first = whatif({ path: asked, body });
export const second = QueriesService.whatif({ agencyId: 'mcn-007', requestBody: body });
OpenAPI.TOKEN = 'plk_';
`;

/** Members that hold `undefined`, where `exactOptionalPropertyTypes` asks for none. */
const inexact: ReadonlySet<number> = new Set([2375, 2379, 2412]);
/** The run-time part of @hey-api/openapi-ts, which is the same in every client it writes. */
const runtimeOfFunctions = new RegExp(`^functions${sep}(?:client|core)${sep}`);

it('the clients of three generators compile under strict settings', () => {
  const clients = join(folder, 'clients');
  mkdirSync(clients);
  execFileSync(process.execPath, [join(__dirname, 'openapi-clients.mjs'), file, clients]);
  writeFileSync(join(clients, 'use.ts'), use);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files = readdirSync(clients, { recursive: true, encoding: 'utf8' });
  const program = ts.createProgram(
    files.filter((name) => name.endsWith('.ts')).map((name) => join(clients, name)),
    {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      noImplicitReturns: true,
      noFallthroughCasesInSwitch: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      noEmit: true,
    },
  );
  const problems = ts.getPreEmitDiagnostics(program).flatMap(({ file: at, code, messageText }) => {
    const name = at?.fileName.slice(clients.length + 1) ?? '';
    if (inexact.has(code) && runtimeOfFunctions.test(name)) return [];
    return [`${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`];
  });
  expect(problems).toEqual([]);
  const written = files.filter((name) => name.endsWith('.ts'));
  expect(written.length).toBeGreaterThan(20);
}, 120_000);
