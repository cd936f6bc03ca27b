import type { OpenAPIObject } from '@nestjs/swagger';

/** The groups of operations in `/openapi.json`. */
export const tags: NonNullable<OpenAPIObject['tags']> = [
  { name: 'commands', description: 'Record what happened, one command or many lines at a time.' },
  { name: 'queries', description: 'Ask for balances, standings, lists and deadlines at (E, K).' },
  { name: 'feed', description: 'Read the events in order, in pages or as they are recorded.' },
  {
    name: 'proofs',
    description: 'Checkpoints, receipts, and proofs of inclusion and consistency.',
  },
  { name: 'evidence packs', description: 'Make and fetch files that prove an answer offline.' },
  { name: 'administration', description: 'Keys, webhooks, four eyes, erasure and the access log.' },
  { name: 'webhooks', description: 'The messages that the service sends to receivers.' },
  { name: 'operation', description: 'Health, metrics, and whom to tell of a weakness.' },
];
