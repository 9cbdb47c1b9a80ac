import type { RunHooks } from '../hooks.js';
import type { Case } from '../model/case.js';
import { solveMany } from '../solver/many.js';
import { caseOf, type FleetJob, type FleetResult } from './job.js';
import type { ResultFolder } from './results.js';

export interface LocalSummary {
  readonly solved: number;
  readonly failed: number;
  /** Results that were in the folder already. */
  readonly known: number;
  readonly cancelled: boolean;
}

/** The same work without Redis: this machine's worker threads, results in a folder, nothing done twice. */
export async function runLocally(
  jobs: readonly FleetJob[],
  folder: ResultFolder,
  hooks: RunHooks = {},
): Promise<LocalSummary> {
  const summary = { solved: 0, failed: 0, known: 0, cancelled: false };
  for (const group of bySettings(await unsolved(jobs, folder, summary))) {
    const cases = group.map((job) => caseOf(job) as Case);
    try {
      for await (const outcome of solveMany(cases, { ...group[0]!.settings, ...hooks, onProgress: undefined })) {
        const job = group[outcome.index]!;
        const base = {
          hash: job.hash,
          name: job.name,
          worker: `local:${process.pid}`,
          finishedAt: new Date().toISOString(),
        };
        let result: FleetResult;
        if ('error' in outcome)
          result = { ...base, error: { code: outcome.error.code, message: outcome.error.message } };
        else {
          if (outcome.solution.status === 'cancelled') return { ...summary, cancelled: true };
          const { trace: _, ...solution } = outcome.solution;
          result = { ...base, solution };
        }
        await folder.put(result);
        if (result.error === undefined) summary.solved++;
        else summary.failed++;
        const done = summary.solved + summary.failed + summary.known;
        hooks.onProgress?.({ stage: 'fleet', message: `${done} of ${jobs.length}`, fraction: done / jobs.length });
        if (hooks.signal?.aborted) return { ...summary, cancelled: true };
      }
    } catch (thrown) {
      if (hooks.signal?.aborted) return { ...summary, cancelled: true };
      throw thrown;
    }
  }
  return summary;
}

/** Jobs without a result, each content once. */
async function unsolved(
  jobs: readonly FleetJob[],
  folder: ResultFolder,
  summary: { known: number },
): Promise<FleetJob[]> {
  const open = new Map<string, FleetJob>();
  for (const job of jobs) {
    if (open.has(job.hash) || (await folder.get(job.hash)) !== undefined) summary.known++;
    else open.set(job.hash, job);
  }
  return [...open.values()];
}

function bySettings(jobs: readonly FleetJob[]): FleetJob[][] {
  const groups = new Map<string, FleetJob[]>();
  for (const job of jobs) {
    const key = JSON.stringify(job.settings);
    const group = groups.get(key);
    if (group) group.push(job);
    else groups.set(key, [job]);
  }
  return [...groups.values()];
}
