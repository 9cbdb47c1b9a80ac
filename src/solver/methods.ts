import { CrowdwattError } from '../errors.js';
import type { Engine } from './engine.js';
import type { ExactnessStep } from './exactness.js';
import type { ExactnessMode, Method } from './solution.js';

/** Engines and rungs, loaded when first used. An absent line is a part that is not built yet. */
const ENGINES: Readonly<Partial<Record<Method, () => Promise<Engine>>>> = {
  ipm: async () => (await import('./ipm/index.js')).ipmEngine,
};

const STEPS: Readonly<Partial<Record<'bound' | 'recover', () => Promise<ExactnessStep>>>> = {
  bound: async () => (await import('./ipm/bound.js')).boundStep,
  recover: async () => (await import('./recover/index.js')).recoverStep,
};

export const METHODS = ['ipm', 'admm', 'admm-bus'] as const satisfies readonly Method[];
export const EXACTNESS_MODES = ['off', 'bound', 'recover'] as const satisfies readonly ExactnessMode[];

/** ipm once it is there, admm until then. */
export function defaultMethod(): Method {
  return ENGINES.ipm === undefined ? 'admm' : 'ipm';
}

/** recover once it is there, off until then. */
export function defaultExactness(): ExactnessMode {
  return STEPS.recover === undefined ? 'off' : 'recover';
}

/** τ: the first-order methods stop earlier. */
export function defaultTolerance(method: Method): number {
  return method === 'ipm' ? 1e-6 : 1e-4;
}

export async function loadEngine(method: Method): Promise<Engine> {
  const load = ENGINES[method];
  if (load === undefined) throw new CrowdwattError('not-built', `--method ${method}: not built yet`);
  return load();
}

export async function loadStep(mode: 'bound' | 'recover'): Promise<ExactnessStep> {
  const load = STEPS[mode];
  if (load === undefined) throw new CrowdwattError('not-built', `--exactness ${mode}: not built yet`);
  return load();
}
