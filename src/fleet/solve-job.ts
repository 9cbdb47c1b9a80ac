import { asCrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { Case } from '../model/case.js';
import { solve } from '../solver/index.js';
import type { FleetResult, FleetSettings } from './job.js';

/**
 * Solves one case of a fleet on this thread. What is wrong with the case becomes part of the
 * result; a fault of the machine or of crowdwatt itself is thrown, so that the job is tried again.
 */
export async function solveJob(
  source: Case,
  settings: FleetSettings,
  signal: AbortSignal,
  onProgress?: (progress: Progress) => void,
): Promise<Pick<FleetResult, 'solution' | 'error'>> {
  try {
    const { trace: _, ...solution } = await solve(source, { ...settings, workers: 1, signal, onProgress });
    return { solution };
  } catch (thrown) {
    const error = asCrowdwattError(thrown);
    if (error.exitStatus !== 2) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
