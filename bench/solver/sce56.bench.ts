import { solverBench } from '../lib/solver-bench.js';

export const bench = solverBench({
  name: 'sce56',
  title: "The paper's feeder: SCE 56-bus, a day of hours",
  repeats: 7,
  peers: [
    ['clarabel', undefined],
    ['clarabel', 1e-4],
    ['ecos', undefined],
    ['scs', 1e-4],
  ],
  scsWasm: true,
});
