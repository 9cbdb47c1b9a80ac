export { parseMps } from './mps-read.js';
export { solveLp, solveLpSync } from './solve.js';
export * from './types.js';
