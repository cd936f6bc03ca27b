import type { EventOf, EventType } from './events.js';

/**
 * A function for each of these event types. A table that leaves one of them out does not compile,
 * so that a new type is either handled or ignored by name.
 */
export type EventHandlers<Types extends EventType, Result = void> = {
  readonly [Type in Types]: (event: EventOf<Type>) => Result;
};

/** Calls the function that a table has for the event's type. */
export function handleEvent<Type extends EventType, Result>(
  handlers: EventHandlers<Type, Result>,
  event: EventOf<Type>,
): Result {
  return handlers[event.type](event);
}

/** Stands in a table for a type that changes nothing there. */
export function ignoreEvent(): undefined {
  return undefined;
}

/** The part of a table that has one function for all of these types. */
export function handlersFor<
  Types extends EventType,
  Handler extends (event: EventOf<Types>) => unknown,
>(types: readonly Types[], handler: Handler): Readonly<Record<Types, Handler>> {
  const table: Partial<Record<Types, Handler>> = {};
  for (const type of types) table[type] = handler;
  return table as Record<Types, Handler>;
}
