import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answered, TestService } from './service.js';

interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, Response>>;
}

/** An OpenAPI document, as far as these tests read it. */
export interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every operation with its method and path. */
export function operationsOf({
  paths,
}: Described): { method: string; path: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** A service whose every answer is held against what its OpenAPI document says of it. */
export class DescribedService {
  /** Operations that were answered with what they are there for. */
  readonly answered = new Set<string>();
  /** Answers that are not as described. */
  readonly problems: string[] = [];
  readonly #ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  readonly #checks = new Map<string, ValidateFunction>();

  private constructor(
    readonly service: TestService,
    readonly document: Described,
  ) {
    this.#ajv.addSchema(document, 'openapi');
  }

  static async over(service: TestService): Promise<DescribedService> {
    const { body } = await service.get('/openapi.json', { as: '' });
    return new DescribedService(service, body as unknown as Described);
  }

  /** Asks as {@link TestService.ask} does. */
  readonly ask: TestService['ask'] = async (method, path, asked) => {
    const answer = await this.service.ask(method, path, asked);
    if (path !== '/openapi.json') this.#check(method.toLowerCase(), path, answer);
    return answer;
  };

  #check(method: string, address: string, { status, headers, text }: Answered): void {
    const [path, operation] = this.#operationAt(method, address.replace(/\?.*$/, ''));
    const media = (headers.get('content-type') ?? '').replace(/;.*$/, '');
    const said = `${method} ${address}: ${status} ${media}`;
    const response = operation.responses[status];
    if (response === undefined) {
      this.problems.push(`${said} is not described`);
      return;
    }
    for (const [name, { required }] of Object.entries(response.headers ?? {}))
      if (required === true && !headers.has(name)) this.problems.push(`${said} has no ${name}`);
    if (status < 300) this.answered.add(operation.operationId);
    if (text === '') {
      if (response.content !== undefined)
        this.problems.push(`${said} is described as having a body`);
      return;
    }
    if (response.content?.[media]?.schema === undefined) {
      this.problems.push(`${said} has no schema`);
      return;
    }
    const place = ['paths', path, method, 'responses', String(status), 'content', media, 'schema'];
    const check = this.#checkOf(place);
    const bodies = media === 'application/x-ndjson' ? text.trimEnd().split('\n') : [text];
    for (const body of bodies) {
      if (check(/json/.test(media) ? JSON.parse(body) : body)) continue;
      const wrong = check.errors!.map(({ instancePath, message, params }) => {
        const { additionalProperty } = params as { readonly additionalProperty?: string };
        return `${instancePath} ${message} ${additionalProperty ?? ''}`;
      });
      this.problems.push(`${said} ${wrong.join('; ')}: ${body.slice(0, 600)}`);
    }
  }

  #checkOf(place: readonly string[]): ValidateFunction {
    const pointer = place
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    let check = this.#checks.get(pointer);
    if (check === undefined) {
      check = this.#ajv.compile({ $ref: `openapi#/${pointer}` });
      this.#checks.set(pointer, check);
    }
    return check;
  }

  /** The operation an address is served by: where two paths fit, the one with fewer parameters. */
  #operationAt(method: string, address: string): readonly [string, Operation] {
    const fits = (path: string) =>
      new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const [path] = Object.keys(this.document.paths)
      .filter(
        (each) => this.document.paths[each]![method] !== undefined && fits(each).test(address),
      )
      .sort((a, b) => a.split('{').length - b.split('{').length);
    if (path === undefined) throw new Error(`${method} ${address} is in no path of the document`);
    return [path, this.document.paths[path]![method]!];
  }
}
