export { type FeedRecord, feedFrom, simulatedFeed } from './feed.js';
export { type RealtimeOptions, type RealtimeReport, runRealtime } from './run.js';
export type { StepReport } from './step.js';
