import type { FastifyAdapter } from '@nestjs/platform-fastify';

type Hook = Parameters<FastifyAdapter['setOnRequestHook']>[0];

/** Fastify's own types, through the adapter that brings Fastify. */
export type FastifyRequest = Parameters<Hook>[0];
export type FastifyReply = Parameters<Hook>[1];
