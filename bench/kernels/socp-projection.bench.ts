import { type AdmmExports, compileKernel, instantiateKernel, type KernelFlavor } from '../../src/wasm/index.js';
import type { Bench } from '../harness.js';

const POINTS = 1344; // 56 buses × 24 periods
const BYTES = 8;

/** Points around a loaded feeder's: voltages near 1, flows up to 1 pu, currents too small for most of them. */
function samplePoints(): Float64Array {
  const rows = new Float64Array(4 * POINTS);
  let state = 12345;
  const draw = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  for (let k = 0; k < POINTS; k++) {
    const [p, q] = [draw() - 0.3, 0.5 * draw() - 0.1];
    rows[k] = 0.95 + 0.1 * draw();
    rows[POINTS + k] = (p * p + q * q) * (0.4 + 0.8 * draw());
    rows[2 * POINTS + k] = p;
    rows[3 * POINTS + k] = q;
  }
  return rows;
}

/** Projects all points; they are put back first, because the kernel works in place. */
function projection(flavor: KernelFlavor, points: Float64Array): () => void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const kernel = instantiateKernel<AdmmExports>(compileKernel('admm', flavor), memory).exports;
  const rows = new Float64Array(memory.buffer, 0, 4 * POINTS);
  return () => {
    rows.set(points);
    kernel.projectRows(0, POINTS * BYTES, POINTS, 30, 1, 1, 0.81, 1.21, Number.POSITIVE_INFINITY);
  };
}

export const bench: Bench = {
  name: 'socp-projection',
  title: 'One projection on P² + Q² ≤ v ℓ with v in its band',
  run: async (report) => {
    const points = samplePoints();
    const violated = points.subarray(0, POINTS).filter((v, k) => {
      const [ell, p, q] = [points[POINTS + k]!, points[2 * POINTS + k]!, points[3 * POINTS + k]!];
      return p * p + q * q > v * ell;
    }).length;
    report.note(
      `${POINTS} points, ${Math.round((100 * violated) / POINTS)} % of them outside the cone. The aim is 100 ns each.`,
    );
    await report.kernel({
      name: 'socp projection, SIMD',
      operations: POINTS,
      run: projection('simd', points),
      peers: [{ name: 'socp projection, scalar WebAssembly', run: projection('scalar', points) }],
    });
  },
};
