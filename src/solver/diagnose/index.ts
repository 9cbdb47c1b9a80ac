import type { RunHooks } from '../../hooks.js';
import type { Case } from '../../model/case.js';
import { compileCase } from '../../model/index.js';
import { type SolveOptions, solveChecked } from '../index.js';
import type { BindingDual, Solution } from '../solution.js';
import { type Clash, explainInfeasible, type Remedy } from './explain.js';

export type { Clash, Explanation, Remedy } from './explain.js';
export { explainInfeasible } from './explain.js';

/** `crowdwatt-diagnosis/1`: why a case fails or what binds, for people and programs. */
export interface Diagnosis {
  readonly format: 'crowdwatt-diagnosis/1';
  readonly case: string;
  readonly status: Solution['status'];
  readonly verdict?: string;
  /** Sentences, the most important first. */
  readonly findings: readonly string[];
  /** Where there is no schedule. */
  readonly clashes?: readonly Clash[];
  readonly remedies?: readonly Remedy[];
  /** Where there is one: the dearest limits. */
  readonly binding?: readonly BindingDual[];
}

const DEAREST = 10;

/** Solves a case and says in words why there is no schedule, or what binds and looks suspicious where there is one. */
export async function diagnose(source: Case, options: SolveOptions & RunHooks = {}): Promise<Diagnosis> {
  const problem = compileCase(source);
  const solution = await solveChecked(source, options);
  const head = { format: 'crowdwatt-diagnosis/1', case: source.name, status: solution.status } as const;
  if (solution.status === 'infeasible') {
    const { clashes, remedies, reason } = await explainInfeasible(problem, options.signal);
    const findings =
      clashes.length + remedies.length === 0
        ? [reason]
        : [...listed(clashes), ...remedies.map((r) => `would do alone: ${r.text}`)];
    return { ...head, findings, clashes, remedies };
  }
  const verdict = solution.certificate?.verdict;
  const binding = [...(solution.duals ?? [])].sort((a, b) => b.dual - a.dual).slice(0, DEAREST);
  return {
    ...head,
    ...(verdict === undefined ? {} : { verdict }),
    findings: [
      ...(solution.reason === undefined ? [] : [solution.reason]),
      ...solution.warnings,
      ...binding.map(priced),
    ],
    binding,
  };
}

function listed(clashes: readonly Clash[]): string[] {
  const shown = clashes.slice(0, DEAREST).map((clash) => clash.text);
  return clashes.length > DEAREST ? [...shown, `and ${clashes.length - DEAREST} more places`] : shown;
}

function priced({ constraint, id, period, dual, unit }: BindingDual): string {
  const at = period === undefined ? '' : `, period ${period}`;
  return `${constraint} ${id}${at} binds: ${Number(dual.toPrecision(4))} $ for each ${unit} of loosening`;
}
