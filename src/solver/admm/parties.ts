import { availableParallelism } from 'node:os';
import type { CompiledCase } from '../../model/compiled.js';
import { MOST_PARTIES } from '../../pool/index.js';

/**
 * Lines × periods that one thread should at least have: below, the barriers of an iteration and the
 * start of the pool cost more than the second thread brings (measured: docs/admm.md).
 */
const LINE_PERIODS_PER_THREAD = 6_000;

/** Threads worth using for a problem on this machine. */
export function partiesFor(problem: CompiledCase, cores: number = availableParallelism()): number {
  const devices = problem.batteries.count + problem.shapables.count + problem.solar.count;
  const size = (problem.busCount + devices) * problem.periods;
  const worth = Math.floor(size / LINE_PERIODS_PER_THREAD);
  return Math.max(1, Math.min(worth, cores, MOST_PARTIES));
}
