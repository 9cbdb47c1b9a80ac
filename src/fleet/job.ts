import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Case } from '../model/case.js';
import type { ExactnessMode, Method, Solution } from '../solver/solution.js';

/** How every case of a submission is solved. */
export interface FleetSettings {
  readonly method?: Method;
  readonly tolerance?: number;
  readonly exactness?: ExactnessMode;
  readonly timeLimitSeconds?: number;
}

/** What travels through the queue. */
export interface FleetJob {
  /** Where the case came from, for people. */
  readonly name: string;
  /** Content hash of case and settings: the same work has the same id everywhere. */
  readonly hash: string;
  /** The case, gzipped, base64: a worker may sit on a machine without the file. */
  readonly payload: string;
  readonly settings: FleetSettings;
}

/** A finished job as it is recorded, once. */
export interface FleetResult {
  readonly hash: string;
  readonly name: string;
  readonly worker: string;
  readonly finishedAt: string;
  readonly solution?: Solution;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Solving again after this changes gives another id, so that an old result is never taken for a new one. */
const RESULT_VERSION = 1;

/** @param source a case as `parseCase` gives it: its fields are then always in the same order */
export function fleetJob(name: string, source: Case, settings: FleetSettings): FleetJob {
  const text = JSON.stringify(source);
  const { method, tolerance, exactness, timeLimitSeconds } = settings;
  const hash = createHash('sha256')
    .update(JSON.stringify([RESULT_VERSION, method, tolerance, exactness, timeLimitSeconds]))
    .update(text)
    .digest('hex');
  return { name, hash, payload: gzipSync(text).toString('base64'), settings };
}

export function caseOf(job: FleetJob): unknown {
  return JSON.parse(gunzipSync(Buffer.from(job.payload, 'base64')).toString('utf8'));
}
