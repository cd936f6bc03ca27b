import 'reflect-metadata';

type BodyClass<Body extends object = object> = new () => Body;

const partClass = Symbol('part class');

/** Names the class of a field that is an object with fields of its own, or a list of them. */
export function Nested(type: () => BodyClass): PropertyDecorator {
  return (target, key) => Reflect.defineMetadata(partClass, type, target, key);
}

/**
 * Makes an instance of a body's class, and of the class of each of its parts, with the members that
 * were sent: class-validator finds the checks of an object by its class. A value without a class of
 * its own is passed on as it came.
 *
 * @param sent what `JSON.parse` made, of limited depth
 */
export function instanceFrom<Body extends object>(type: BodyClass<Body>, sent: object): Body {
  const body = new type();
  const prototype = Object.getPrototypeOf(body) as object;
  const fields = body as Record<string, unknown>;
  for (const [name, value] of Object.entries(sent)) {
    // `__proto__`, `constructor` and their like are the class's own; a field never has such a name.
    if (name in prototype) continue;
    const part = Reflect.getMetadata(partClass, prototype, name) as (() => BodyClass) | undefined;
    fields[name] = part === undefined ? value : partFrom(part(), value);
  }
  return body;
}

function partFrom(type: BodyClass, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => partFrom(type, each));
  return typeof value === 'object' && value !== null ? instanceFrom(type, value) : value;
}
