/** How a solve ended; the same words for power flows, linear programs and incentives. */
export type SolveStatus =
  | 'optimal'
  | 'reduced-accuracy'
  | 'infeasible'
  | 'unbounded'
  | 'iteration-limit'
  | 'time-limit'
  | 'cancelled'
  | 'numerical-error';
