import { problemCodes } from '../problems/problem-document.js';
import { roles } from '../keys/principal.js';
import type { SchemaObject } from './schemas.js';

const text: SchemaObject = { type: 'string' };
const whole: SchemaObject = { type: 'integer' };
const instant: SchemaObject = { type: 'string', format: 'date-time' };
const listOf = (items: object): SchemaObject => ({ type: 'array', items: items as SchemaObject });
const objectOf = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)): SchemaObject => ({
  type: 'object',
  required: [...required],
  properties: properties as Record<string, SchemaObject>,
});

const orNull = (schema: object): object => ({ oneOf: [schema, { type: 'null' }] });

const key = {
  id: text,
  label: text,
  roles: listOf({ type: 'string', enum: [...roles] }),
  createdAt: instant,
  expiresAt: instant,
};
const keyMore = { agencyId: text, revokedAt: instant, lastUsedAt: instant, rotatingUntil: instant };

/** The answers that routes share, by name. */
export const componentSchemas: Readonly<Record<string, SchemaObject>> = {
  CommandAnswer: objectOf(
    {
      status: { type: 'string', enum: ['accepted', 'duplicate'] },
      code: { type: 'null' },
      events: listOf(text),
      findings: listOf(text),
      appended: listOf(objectOf({ id: text, type: text, stream: text, revision: whole, receipt: text })),
      position: text,
    },
    ['status', 'code', 'events', 'findings', 'appended'],
  ),
  OutcomeLine: objectOf(
    {
      line: whole,
      status: { type: 'string', enum: ['accepted', 'duplicate', 'rejected'] },
      code: orNull(text),
      events: listOf(text),
      findings: listOf(text),
      message: text,
    },
    ['line', 'status', 'code', 'events', 'findings'],
  ),
  Problem: objectOf(
    {
      type: { type: 'string', format: 'uri' },
      title: text,
      status: whole,
      detail: text,
      instance: text,
      code: { type: 'string', enum: [...problemCodes] },
      rule: text,
      hint: text,
      errors: listOf(objectOf({ path: text, pointer: text, constraint: text, message: text })),
    },
    ['type', 'title', 'status', 'code', 'rule', 'hint'],
  ),
  ApiKey: objectOf({ ...key, ...keyMore }, Object.keys(key)),
  IssuedKey: objectOf({ key: { $ref: '#/components/schemas/ApiKey' }, token: text }),
  Live: objectOf({ status: { type: 'string', enum: ['ok'] } }),
  Ready: objectOf({
    status: { type: 'string', enum: ['ok'] },
    checks: { type: 'object' },
    queued: whole,
    lagEvents: whole,
  }),
};
