import { solverBench } from '../lib/solver-bench.js';

export const bench = solverBench({
  name: 'ieee9500-single',
  title: 'A 2,752-bus feeder, one period',
  repeats: 5,
  peers: [
    ['clarabel', undefined],
    ['clarabel', 1e-4],
    ['ecos', undefined],
    ['scs', 1e-4],
  ],
});
