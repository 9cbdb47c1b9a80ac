import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CrowdwattError } from '../errors.js';
import { readCase } from '../model/index.js';
import { type FleetJob, type FleetSettings, fleetJob } from './job.js';
import { type FleetQueue, recordedResult, withdrawCancel } from './redis.js';

export interface Submission {
  readonly submitted: number;
  /** Already solved with these settings, or already waiting. */
  readonly known: number;
  readonly hashes: readonly string[];
}

/** Case files of a folder, or what a pattern matches, in a fixed order. */
export async function findCases(pattern: string): Promise<string[]> {
  const found = await stat(pattern).catch(() => undefined);
  if (found?.isFile() === true) return [resolve(pattern)];
  const names: string[] = [];
  if (found?.isDirectory() === true) {
    for (const name of await readdir(pattern)) if (name.endsWith('.json')) names.push(join(pattern, name));
  } else if (/[*?]/.test(pattern)) {
    names.push(...(await expand(pattern)));
  }
  const cases = names.filter((name) => !name.endsWith('.reference.json')).map((name) => resolve(name));
  if (cases.length === 0)
    throw new CrowdwattError(
      'input/unreadable',
      `no case file in '${pattern}'; a folder or a quoted pattern such as 'feeders/*.json' is needed`,
    );
  return cases.sort();
}

/** `folder/pattern` with * and ? in the last part of the path. */
async function expand(pattern: string): Promise<string[]> {
  const cut = pattern.lastIndexOf('/') + 1;
  const folder = pattern.slice(0, cut) || '.';
  if (/[*?]/.test(folder)) {
    throw new CrowdwattError('usage', `'${pattern}': only the last part of a pattern may hold * or ?`);
  }
  const escaped = pattern.slice(cut).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => expression.test(name)).map((name) => join(folder, name));
}

export async function readJobs(paths: readonly string[], settings: FleetSettings): Promise<FleetJob[]> {
  const jobs: FleetJob[] = [];
  for (const path of paths) jobs.push(fleetJob(path.split('/').pop()!, await readCase(path), settings));
  return jobs;
}

/** Queues what is not solved and not waiting yet; lower priority numbers go first. */
export async function submitJobs(queue: FleetQueue, jobs: readonly FleetJob[], priority?: number): Promise<Submission> {
  let submitted = 0;
  for (const job of jobs) {
    if ((await recordedResult(queue, job.hash)) !== undefined) continue;
    await withdrawCancel(queue, job.hash);
    const waiting = await queue.getJob(job.hash);
    if (waiting !== undefined) {
      if (!(await waiting.isFailed())) continue;
      // What failed for good may be tried anew; its old entry would shadow the new one.
      await waiting.remove();
    }
    await queue.add('solve', job, { jobId: job.hash, ...(priority === undefined ? {} : { priority }) });
    submitted++;
  }
  return { submitted, known: jobs.length - submitted, hashes: jobs.map((job) => job.hash) };
}
