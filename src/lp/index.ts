export type { ColumnBlock, RowBlock } from './edit.js';
export { explainInfeasible, type Iis, type IisMember } from './iis.js';
export { solveMany } from './many.js';
export { parseMps } from './mps-read.js';
export { writeMps } from './mps-write.js';
export { LinearProgram } from './program.js';
export type { LpRanging } from './ranging.js';
export { rangeLp, solveLp, solveLpSync } from './solve.js';
export * from './types.js';
