import { solverBench } from '../lib/solver-bench.js';

export const bench = solverBench({
  name: 'case141',
  title: 'A 141-bus feeder, a day of hours',
  repeats: 5,
  peers: [
    ['clarabel', undefined],
    ['clarabel', 1e-4],
    ['ecos', undefined],
  ],
});
