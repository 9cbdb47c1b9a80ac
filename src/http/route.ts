import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { z } from 'zod';
import type { Role } from '../ledger/types.js';
import type { Caller } from './auth/guard.js';
import { invalid } from './errors.js';

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A route: what it is, who may call it, what it takes, what it answers. The OpenAPI document is made from these. */
export interface RouteSpec<
  Body extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Params extends z.ZodType | undefined,
> {
  readonly method: HTTPMethods;
  readonly url: string;
  readonly tag: string;
  readonly summary: string;
  readonly roles: readonly Role[] | 'public';
  readonly body?: Body;
  readonly query?: Query;
  readonly params?: Params;
  /** Status → schema of the answer, for the document. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
  readonly bodyLimit?: number;
  /** Requests per minute of one caller, where it is not the general limit. */
  readonly perMinute?: number;
  /** Kept out of the OpenAPI document. */
  readonly hidden?: boolean;
}

export interface Call<Body, Query, Params> {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Set on every route that is not public. */
  readonly caller: Caller;
}

/** Registers a route. Schemas are strict: what they do not know is an error that names it. */
export function route<
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Params extends z.ZodType | undefined = undefined,
>(
  app: FastifyInstance,
  spec: RouteSpec<Body, Query, Params>,
  handle: (call: Call<Output<Body>, Output<Query>, Output<Params>>) => Promise<unknown>,
): void {
  const { roles, perMinute } = spec;
  app.route({
    method: spec.method,
    url: spec.url,
    ...(spec.bodyLimit === undefined ? {} : { bodyLimit: spec.bodyLimit }),
    config: { roles, ...(perMinute === undefined ? {} : { rateLimit: { max: perMinute, timeWindow: 60_000 } }) },
    schema: {
      tags: [spec.tag],
      summary: spec.summary,
      description: roles === 'public' ? 'Anybody.' : `For ${roles.join(', ')}.`,
      ...(spec.hidden ? { hide: true } : {}),
      ...(roles === 'public' ? { security: [] } : {}),
      ...(spec.body === undefined ? {} : { body: spec.body }),
      ...(spec.query === undefined ? {} : { querystring: spec.query }),
      ...(spec.params === undefined ? {} : { params: spec.params }),
      response: { ...spec.answers, default: errorAnswer },
    },
    handler: (request, reply) =>
      handle({
        body: request.body as Output<Body>,
        query: request.query as Output<Query>,
        params: request.params as Output<Params>,
        request,
        reply,
        caller: request.caller!,
      }),
  });
}

export const errorAnswer = z
  .object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() })
  .describe('An error: a stable code, one line for people, data for programs.');

/** Lets zod check what comes in, and leaves what goes out as it is. */
export function useSchemas(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema, httpPart }) => (value) => {
    if (!(schema instanceof z.ZodType)) return { value };
    const parsed = schema.safeParse(value ?? {});
    return parsed.success ? { value: parsed.data } : { error: invalid(parsed.error, httpPart ?? 'body') };
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
}
