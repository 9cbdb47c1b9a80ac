export type { FleetJob, FleetResult, FleetSettings } from './job.js';
export { type LocalSummary, runLocally } from './local.js';
export { type FleetConnection, type FleetQueue, openQueue, recordedOrder, recordedResult } from './redis.js';
export { collectResults, ResultFolder } from './results.js';
export { cancelJobs, type FleetStatus, fleetStatus } from './status.js';
export { findCases, readJobs, type Submission, submitJobs } from './submit.js';
export { checkQueueName, runWorker, type WorkerOptions, type WorkerSummary } from './worker.js';
