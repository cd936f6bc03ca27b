import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** A schema as OpenAPI 3.1 takes it. */
export type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

/** One of our schemas where OpenAPI asks for one; {@link withComponents} writes it in its form. */
export function schemaObject(schema: object): SchemaObject {
  return schema;
}

/** Our formats as JSON Schema names them: `instant` is a narrower `date-time`. */
const formats: Readonly<Record<string, string>> = { instant: 'date-time', 'local-date': 'date' };

/**
 * Writes a map with one form of names by `additionalProperties` and `propertyNames`: it means the
 * same as `patternProperties`, which generators of clients take for an object without members.
 */
function mapOf(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { patternProperties = {}, ...rest } = members;
  const [named, ...others] = Object.entries(patternProperties as object);
  const isMap = rest['properties'] === undefined && rest['additionalProperties'] === false;
  if (named === undefined || others.length > 0 || !isMap) return members;
  const [pattern, additionalProperties] = named as [string, unknown];
  return { ...rest, propertyNames: { pattern }, additionalProperties };
}

/**
 * Writes the schemas of a document in OpenAPI's form: one with an `$id` becomes a component of that
 * name, and stands elsewhere as a reference.
 *
 * @throws TypeError when two different schemas have the same name
 */
export function withComponents(document: OpenAPIObject): OpenAPIObject {
  const schemas: Record<string, SchemaObject> = {};
  const written = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(written);
    if (typeof value !== 'object' || value === null) return value;
    const { $id: name, ...members } = value as Readonly<Record<string, unknown>>;
    const schema = Object.fromEntries(
      Object.entries(mapOf(members)).map(([key, member]) => [
        key,
        key === 'format' && typeof member === 'string'
          ? (formats[member] ?? member)
          : written(member),
      ]),
    );
    if (typeof name !== 'string') return schema;
    if (JSON.stringify(schemas[name] ?? schema) !== JSON.stringify(schema))
      throw new TypeError(`two schemas are named "${name}": give one of them another $id`);
    schemas[name] = schema;
    return { $ref: `#/components/schemas/${name}` };
  };
  const complete = written(document) as OpenAPIObject;
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...complete,
    components: { ...complete.components, schemas: Object.fromEntries(sorted) },
  };
}
