import type { DynamicModule } from '@nestjs/common';

type Handler = new (part: unknown) => { execute(message: unknown): Promise<unknown> };
type Given = { readonly provide: { readonly name: string }; readonly useValue: unknown };

/** Buses that call a ledger's handlers directly, in the place of Nest's container. */
export const DirectBuses = {
  createApplicationContext({ providers = [] }: DynamicModule): Promise<unknown> {
    const given = (name: string): unknown =>
      (providers as readonly (Given | Handler)[]).find(
        (each): each is Given => 'provide' in each && each.provide.name === name,
      )?.useValue;
    const handler = (name: string, part: string): object => {
      const Found = (providers as readonly (Given | Handler)[]).find(
        (each): each is Handler => typeof each === 'function' && each.name === name,
      );
      const made = Found && new Found(given(part));
      return { execute: (message: unknown) => made?.execute(message) };
    };
    const buses: Readonly<Record<string, object>> = {
      CommandBus: handler('LedgerCommandsHandler', 'LedgerWriter'),
      QueryBus: handler('LedgerQuestionHandler', 'LedgerReader'),
    };
    return Promise.resolve({
      get: ({ name }: { readonly name: string }) => buses[name],
      close: () => Promise.resolve(),
    });
  },
};
