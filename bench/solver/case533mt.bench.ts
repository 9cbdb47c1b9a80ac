import { solverBench } from '../lib/solver-bench.js';

export const bench = solverBench({
  name: 'case533mt',
  title: 'A Swedish 533-bus feeder, a day of hours',
  repeats: 3,
  peers: [
    ['clarabel', undefined],
    ['clarabel', 1e-4],
    ['ecos', undefined],
  ],
});
