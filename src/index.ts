/**
 * crowdwatt as a library. Importing it starts nothing, opens nothing and listens to nothing; each
 * function loads its implementation when first called.
 */
import type { RunHooks } from './hooks.js';
import type { Ledger, OpenLedgerOptions } from './ledger/types.js';
import type { Iis } from './lp/iis.js';
import type { LinearProgram } from './lp/program.js';
import type { LpRanging } from './lp/ranging.js';
import type { LpModel, LpOptions, LpResult } from './lp/types.js';
import type { IncentiveAnswer, IncentiveProblem, RunReport } from './market/documents.js';
import type { RunDayOptions } from './market/index.js';
import type { StressOptions, StressReport } from './market/stress.js';
import type { Case } from './model/case.js';
import type { CaseSolver } from './solver/case-solver.js';
import type { SolveOptions } from './solver/index.js';
import type { Outcome } from './solver/many.js';
import type { Solution } from './solver/solution.js';

export { CrowdwattError, ERROR_TABLE, type ErrorCode, type ErrorDetails, type SerializedError } from './errors.js';
export type { Progress, RunHooks } from './hooks.js';
export type * from './ledger/types.js';
export type { Iis, IisMember } from './lp/iis.js';
export type { LinearProgram } from './lp/program.js';
export type { LpRanging } from './lp/ranging.js';
export type * from './lp/types.js';
export type * from './market/documents.js';
export type { RunDayOptions } from './market/index.js';
export type { StressOptions, StressReport } from './market/stress.js';
export type * from './model/case.js';
export type { CaseChanges, CaseSolver } from './solver/case-solver.js';
export type { SolveStatus } from './solver/engine.js';
export type { SolveOptions } from './solver/index.js';
export type { Outcome } from './solver/many.js';
export type * from './solver/solution.js';

/**
 * Solves CES-OPF (problem (1) of the paper): schedule, voltages, prices at every bus, certificate.
 * @throws CrowdwattError where the input is wrong; every other outcome is in `status`.
 */
export async function solve(source: Case, options?: SolveOptions): Promise<Solution> {
  return (await import('./solver/index.js')).solve(source, options);
}

/**
 * Solves many cases side by side on worker threads, in order, reading its input only as fast as
 * threads get free; what is wrong with one case is its outcome and does not stop the others.
 */
export async function* solveMany(
  cases: Iterable<Case> | AsyncIterable<Case>,
  options?: SolveOptions,
): AsyncGenerator<Outcome, void, void> {
  yield* (await import('./solver/many.js')).solveMany(cases, options);
}

/** Ends the worker threads that solves have left ready for the next one. They do not keep a program alive. */
export async function closeWorkers(): Promise<void> {
  await (await import('./solver/worker-tasks.js')).closePools();
}

/**
 * Keeps a feeder ready for being solved again and again with new forecasts, loads, limits and prices.
 * @throws CrowdwattError where the input is wrong
 */
export async function openSolver(source: Case, options?: SolveOptions): Promise<CaseSolver> {
  return (await import('./solver/case-solver.js')).CaseSolver.open(source, options);
}

/**
 * Solves a linear program with the sparse simplex; infeasible and unbounded come with their proof.
 * @throws CrowdwattError where the model is malformed; every other outcome is in `status`.
 */
export async function solveLp(model: LpModel, options?: LpOptions): Promise<LpResult> {
  return (await import('./lp/index.js')).solveLp(model, options);
}

/**
 * A linear program that stays: change it and solve it again from its basis.
 * @throws CrowdwattError where the model is malformed.
 */
export async function linearProgram(model: LpModel): Promise<LinearProgram> {
  return new (await import('./lp/index.js')).LinearProgram(model);
}

/** Solves independent linear programs, side by side where threads pay; answers in the order given. */
export async function solveManyLps(models: readonly LpModel[], options?: LpOptions): Promise<LpResult[]> {
  return (await import('./lp/index.js')).solveMany(models, options);
}

/** How far each cost and limit of a linear program may move with the optimal basis unchanged. */
export async function rangeLp(
  model: LpModel,
  options?: LpOptions,
): Promise<{ result: LpResult; ranging: LpRanging | undefined }> {
  return (await import('./lp/index.js')).rangeLp(model, options);
}

/** Names an irreducible set of limits that contradict each other; undefined where the program is feasible. */
export async function explainInfeasible(model: LpModel, options?: LpOptions): Promise<Iis | undefined> {
  return (await import('./lp/index.js')).explainInfeasible(model, options);
}

/**
 * Reads an MPS file, free or fixed form.
 * @throws CrowdwattError `lp/malformed` with line number and reason.
 */
export async function parseMps(text: string): Promise<LpModel> {
  return (await import('./lp/index.js')).parseMps(text);
}

/** Writes a linear program as MPS. */
export async function writeMps(model: LpModel): Promise<string> {
  return (await import('./lp/index.js')).writeMps(model);
}

/**
 * Designs the incentives of one period: CES-ID, problem (2) of the paper. An infeasible problem says
 * by how much in `shortfall`.
 * @throws CrowdwattError `input/invalid`
 */
export async function designIncentives(problem: IncentiveProblem, hooks?: RunHooks): Promise<IncentiveAnswer> {
  return (await import('./market/index.js')).designIncentives(problem, hooks);
}

/**
 * Runs a day of Algorithm 1: equilibrium, contracts, two rounds of incentives, supplements, settlement,
 * all of it on a ledger.
 * @throws CrowdwattError `solver/inexact` where the prices are not proven and trading on them was not
 * allowed, `market/*` where the day is closed or was begun otherwise, and what `solve` throws.
 */
export async function runDay(source: Case, options?: RunDayOptions): Promise<RunReport> {
  return (await import('./market/index.js')).runDay(source, options);
}

/**
 * Monte Carlo of refusals: what a day costs, and what it lacks, by the share of tasks declined.
 * @throws CrowdwattError `solver/no-schedule`, `usage`, `cancelled`
 */
export async function stress(source: Case, options?: StressOptions): Promise<StressReport> {
  return (await import('./market/stress.js')).stress(source, options);
}

/**
 * Opens a ledger: in memory (default), in a folder, or on Hyperledger Fabric. Close it, or let
 * `await using` do so.
 * @throws CrowdwattError `ledger/damaged`, `ledger/rolled-back`, `ledger/locked`, `ledger/missing`
 */
export async function openLedger(options?: OpenLedgerOptions): Promise<Ledger> {
  return (await import('./ledger/index.js')).openLedger(options);
}

/** AC power flow of a case with storage idle (see `crowdwatt powerflow`). */
export async function powerFlow(source: Case): Promise<Solution> {
  return (await import('./solver/planned-flow.js')).powerFlow(source);
}

/**
 * Checks any value against `crowdwatt-case/1`.
 * @throws CrowdwattError naming path, id, what is wrong and what would be right.
 */
export async function parseCase(value: unknown): Promise<Case> {
  return (await import('./model/index.js')).parseCase(value);
}

/** Reads and checks a case file. */
export async function readCase(path: string): Promise<Case> {
  return (await import('./model/index.js')).readCase(path);
}
