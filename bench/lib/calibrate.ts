/**
 * A loop of plain JavaScript floating-point work. Kernel times divided by it hardly depend on the
 * machine, so that a baseline made on one machine is a fair gate on another.
 */
export function calibrationLoop(): number {
  let x = 0.5;
  for (let k = 0; k < 10_000; k++) x = 3.7 * x * (1 - x);
  return x;
}

/** Seconds of one calibration loop: the fastest of many, over a time longer than a busy machine's time slices. */
export function calibrate(): number {
  let best = Number.POSITIVE_INFINITY;
  let keep = 0;
  for (let round = 0; round < 1000; round++) {
    const start = process.hrtime.bigint();
    keep += calibrationLoop();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  if (!Number.isFinite(keep)) throw new Error('the calibrating loop diverged');
  return best;
}
