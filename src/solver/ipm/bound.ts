import type { ExactnessStep } from '../exactness.js';
import { IpmSolver } from './index.js';

/**
 * The Gan–Li rung: the same problem with the lossless voltages under the upper limit too (Gan, Li,
 * Topcu, Low 2015). Its prices are those of the bounded problem: what one more MW costs there.
 */
export const boundStep: ExactnessStep = async (problem, _plain, settings) => ({
  ...(await new IpmSolver(problem, { bound: true }).solve(settings)),
  pricesFrom: 'bound',
});
