import { pageVerifier, scriptsOf } from './page-verifier.js';

/** An element of the small document that the page draws with: its name, attributes and content. */
export class Drawn {
  readonly attributes = new Map<string, string>();
  within: (Drawn | string)[] = [];
  textContent = '';

  constructor(readonly name: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  /** Entered by a reader into a form. */
  value = '';
  files: readonly { readonly arrayBuffer: () => Promise<Uint8Array> }[] = [];
  readonly #listeners: (() => unknown)[] = [];

  append(...parts: (Drawn | string)[]): void {
    for (const part of parts) expect(typeof part === 'string' || part instanceof Drawn).toBe(true);
    this.within.push(...parts);
  }

  replaceChildren(): void {
    this.within = [];
  }

  addEventListener(_: string, listener: () => unknown): void {
    this.#listeners.push(listener);
  }

  /** Has its listeners called, as for a change or a click. */
  dispatch(): void {
    for (const listener of this.#listeners) listener();
  }

  get text(): string {
    return this.within.map((part) => (typeof part === 'string' ? part : part.text)).join('');
  }

  all(name: string): Drawn[] {
    const inner = this.within.flatMap((part) => (typeof part === 'string' ? [] : part.all(name)));
    return this.name === name ? [this, ...inner] : inner;
  }
}

/** Runs the drawing script of a page over its data, and returns the element it drew in. */
export function drawn(html: string, data: string): Drawn {
  return elementsOf(html, data).get('statement')!;
}

/** Runs the drawing script of a page over its data, and returns the page's elements by their id. */
export function elementsOf(html: string, data: string): ReadonlyMap<string, Drawn> {
  const elements = new Map(
    ['statement', 'pack', 'file', 'key', 'held', 'report'].map((id) => [id, new Drawn(id)]),
  );
  elements.get('pack')!.textContent = data;
  const document = {
    createElement: (name: string) => new Drawn(name),
    createElementNS: (_: string, name: string) => new Drawn(name),
    getElementById: (id: string) => elements.get(id),
  };
  const [, script] = scriptsOf(html);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  const run = new Function('document', 'verifier', script) as (...given: unknown[]) => void;
  run(document, pageVerifier());
  return elements;
}

/** Returns the data of a page. */
export const dataIn = (html: string): string => /id="pack">(.*?)<\/script>/.exec(html)![1]!;
