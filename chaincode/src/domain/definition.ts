import type { z } from 'zod';
import type { CallerRole, World } from './context.js';

/** One row of the transaction table. `Args` is inferred from the schema. */
export interface Definition<Args = unknown, Result = unknown> {
  readonly name: string;
  /** `write` goes through ordering; `query` reads only. */
  readonly kind: 'write' | 'query';
  readonly roles: readonly CallerRole[];
  readonly args: z.ZodType<Args>;
  run(world: World, args: Args): Promise<Result>;
}

export function transaction<Args, Result>(
  name: string,
  roles: readonly CallerRole[],
  args: z.ZodType<Args>,
  run: (world: World, args: Args) => Promise<Result>,
): Definition<Args, Result> {
  return { name, kind: 'write', roles, args, run };
}

export function query<Args, Result>(
  name: string,
  roles: readonly CallerRole[],
  args: z.ZodType<Args>,
  run: (world: World, args: Args) => Promise<Result>,
): Definition<Args, Result> {
  return { name, kind: 'query', roles, args, run };
}
