import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const schemesOf = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The token of POST /api/enrol or POST /api/sessions.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'crowdwatt_session',
    description: 'With `cookie: true` instead of a token.',
  },
} as const;

/** The OpenAPI 3.1 document, made from the schemas that check the requests; and the page that shows it, offline. */
export async function openApi(app: FastifyInstance, version: string): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger');
  const { default: ui } = await import('@fastify/swagger-ui');
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'crowdwatt',
        version,
        description: 'Crowdsourced energy systems: schedule, prices, incentives, ledger.',
      },
      security: [{ bearer: [] }, { cookie: [] }],
      components: { securitySchemes: schemesOf },
    },
    hideUntagged: true,
    transform: ({ schema, url }) => ({ schema: schema && (toJson(schema as Record<string, unknown>) as never), url }),
  });
  await app.register(ui, { routePrefix: '/docs', uiConfig: { docExpansion: 'list', tryItOutEnabled: true } });
}

/** Replaces zod schemas, wherever they stand, by their JSON Schema (2020-12, which OpenAPI 3.1 speaks). */
function toJson(value: unknown): unknown {
  if (value instanceof z.ZodType) return described(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      if (name !== 'response' || typeof part !== 'object' || part === null) return [name, toJson(part)];
      return [name, Object.fromEntries(Object.entries(part).map(([status, schema]) => [status, toJson(schema)]))];
    }),
  );
}

function described(schema: z.ZodType): unknown {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return json;
}
