import type { RunHooks } from '../hooks.js';
import type { Case } from '../model/case.js';
import { caseOf, type FleetJob, type FleetResult } from './job.js';
import type { ResultFolder } from './results.js';
import { solveJob } from './solve-job.js';

export interface LocalSummary {
  readonly solved: number;
  readonly failed: number;
  /** Results that were in the folder already. */
  readonly known: number;
  readonly cancelled: boolean;
}

/** The same work without Redis: this machine, results in a folder, nothing done twice. */
export async function runLocally(
  jobs: readonly FleetJob[],
  folder: ResultFolder,
  hooks: RunHooks = {},
): Promise<LocalSummary> {
  const summary = { solved: 0, failed: 0, known: 0, cancelled: false };
  const never = new AbortController().signal;
  for (const [k, job] of jobs.entries()) {
    if (hooks.signal?.aborted === true) return { ...summary, cancelled: true };
    if ((await folder.get(job.hash)) !== undefined) {
      summary.known++;
      continue;
    }
    const solved = await solveJob(caseOf(job) as Case, job.settings, hooks.signal ?? never, (p) =>
      hooks.onProgress?.({ ...p, message: `${job.name}: ${p.message}`, fraction: k / jobs.length }),
    );
    if (solved.solution?.status === 'cancelled') return { ...summary, cancelled: true };
    const result: FleetResult = {
      hash: job.hash,
      name: job.name,
      worker: `local:${process.pid}`,
      finishedAt: new Date().toISOString(),
      ...solved,
    };
    await folder.put(result);
    if (result.error === undefined) summary.solved++;
    else summary.failed++;
    hooks.onProgress?.({ stage: 'fleet', message: `${k + 1} of ${jobs.length}`, fraction: (k + 1) / jobs.length });
  }
  return summary;
}
