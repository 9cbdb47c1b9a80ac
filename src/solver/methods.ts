import { CrowdwattError } from '../errors.js';
import type { CompiledCase } from '../model/compiled.js';
import type { Engine, EngineResult, EngineSettings } from './engine.js';
import type { ExactnessStep } from './exactness.js';
import type { ExactnessMode, Method } from './solution.js';

/** Engines and rungs, loaded when first used. An absent line is a part that is not built yet. */
const ENGINES: Readonly<Partial<Record<Method, () => Promise<Engine>>>> = {
  ipm: async () => (await import('./ipm/index.js')).ipmEngine,
  admm: async () => (await import('./admm/index.js')).admmEngine('tree'),
  'admm-bus': async () => (await import('./admm/index.js')).admmEngine('bus'),
};

/** An engine that remembers: what it learnt from one problem speeds up the next one of the same structure. */
export interface WarmEngine {
  solve(problem: CompiledCase, settings: EngineSettings): Promise<EngineResult>;
}

const WARM: Readonly<Partial<Record<Method, () => Promise<WarmEngine>>>> = {
  ipm: async () => {
    const { IpmSolver } = await import('./ipm/index.js');
    let kept: InstanceType<typeof IpmSolver> | undefined;
    return {
      solve: (problem, settings) => {
        if (kept === undefined) kept = new IpmSolver(problem);
        else kept.update(problem);
        return kept.solve(settings);
      },
    };
  },
  admm: async () => {
    const { AdmmSolver } = await import('./admm/index.js');
    let kept: InstanceType<typeof AdmmSolver> | undefined;
    return {
      solve: (problem, settings) => {
        try {
          kept?.update(problem);
        } catch {
          // Another feeder or other devices: a new start.
          kept = undefined;
        }
        kept ??= new AdmmSolver(problem);
        return kept.solve(settings);
      },
    };
  },
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

/** The method's remembering engine; a method without one starts cold each time. */
export async function loadWarmEngine(method: Method): Promise<WarmEngine> {
  const load = WARM[method];
  if (load !== undefined) return load();
  const engine = await loadEngine(method);
  return { solve: engine };
}

export async function loadStep(mode: 'bound' | 'recover'): Promise<ExactnessStep> {
  const load = STEPS[mode];
  if (load === undefined) throw new CrowdwattError('not-built', `--exactness ${mode}: not built yet`);
  return load();
}
