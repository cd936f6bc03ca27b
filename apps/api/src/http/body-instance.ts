import 'reflect-metadata';

type BodyClass<Body extends object = object> = new () => Body;

const partClass = Symbol('part class');

/** The class of a field's parts. */
interface Part {
  readonly type: () => BodyClass;
  readonly max: number;
}

/**
 * Names the class of a field that is an object with fields of its own, or a list of them.
 *
 * @param max the most items of such a list. Of a longer one, one item more is kept, so that it is
 *   refused for its length and not checked item by item: 85,000 wrong items took 862 MB.
 */
export function Nested(type: () => BodyClass, max = 1): PropertyDecorator {
  const part: Part = { type, max };
  return (target, key) => Reflect.defineMetadata(partClass, part, target, key);
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
    const part = Reflect.getMetadata(partClass, prototype, name) as Part | undefined;
    fields[name] = part === undefined ? value : partFrom(part, value);
  }
  return body;
}

function partFrom({ type, max }: Part, value: unknown): unknown {
  // A list within a list is wrong, however long it is.
  const inList: Part = { type, max: 1 };
  if (Array.isArray(value)) return value.slice(0, max + 1).map((each) => partFrom(inList, each));
  return typeof value === 'object' && value !== null ? instanceFrom(type(), value) : value;
}
