/**
 * Writes a client of an OpenAPI document with each of three generators:
 * `node test/api/openapi-clients.mjs DOCUMENT FOLDER`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { generate } from 'openapi-typescript-codegen';

const [document, folder] = process.argv.slice(2);
const parsed = () => JSON.parse(readFileSync(document, 'utf8'));

writeFileSync(join(folder, 'types.ts'), astToString(await openapiTypescript(parsed())));

await createClient({
  input: document,
  output: join(folder, 'functions'),
  plugins: ['@hey-api/client-fetch'],
  logs: { level: 'silent' },
});

await generate({
  input: parsed(),
  output: join(folder, 'services'),
  useOptions: true,
  useUnionTypes: true,
});
