export { simulationPlots } from './plots.js';
export { type SimulateOptions, type Simulation, simulate } from './simulate.js';
export type { DaySummary } from './summary.js';
