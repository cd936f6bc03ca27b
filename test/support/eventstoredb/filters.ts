import { streams } from './protocol.js';
import type { WireEvent } from './wire-event.js';

/** The filter of a subscription to `$all`, and its checkpoint interval. */
export interface WireFilter {
  readonly passes: (event: WireEvent) => boolean;
  /** After how many events seen, passed or not, a checkpoint is sent. */
  readonly checkpointEvery: number;
}

/** Events the server looks at between two checkpoints, times the client's interval. */
const defaultSearchWindow = 32;

/** The filter of a read request, or none. */
export function filterOf(options: streams.ReadReq.Options): WireFilter | undefined {
  const filter = options.getFilter();
  if (filter === undefined) return undefined;
  const window = filter.hasMax() ? filter.getMax() : defaultSearchWindow;
  const checkpointEvery = window * filter.getCheckpointintervalmultiplier();
  const byStream = filter.getStreamIdentifier();
  if (byStream !== undefined) {
    const matches = matcherOf(byStream);
    return { passes: ({ stream }) => matches(stream), checkpointEvery };
  }
  const matches = matcherOf(filter.getEventType());
  return { passes: ({ type }) => matches(type), checkpointEvery };
}

function matcherOf(expression: streams.ReadReq.Options.FilterOptions.Expression | undefined) {
  const prefixes = expression?.getPrefixList() ?? [];
  if (prefixes.length > 0)
    return (text: string) => prefixes.some((prefix) => text.startsWith(prefix));
  const regex = new RegExp(expression?.getRegex() ?? '', 'u');
  return (text: string) => regex.test(text);
}
