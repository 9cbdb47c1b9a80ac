/** Rows a bus holds in the equations: coefficients in its balances and the inverse weight. */
export interface TreeRow {
  readonly bus: number;
  readonly p: number;
  readonly q: number;
  readonly weight: number;
}

/** A feeder with one weight per variable, in depth-first preorder; one period. */
export interface TreeProblem {
  readonly parent: ArrayLike<number>;
  readonly r: ArrayLike<number>;
  readonly x: ArrayLike<number>;
  readonly shunt: ArrayLike<number>;
  readonly vRoot: number;
  readonly loadP: ArrayLike<number>;
  readonly loadQ: ArrayLike<number>;
  /** (v, ell, flow) of each bus; entry 0 is not used. */
  readonly weights: readonly (readonly [v: number, ell: number, flow: number])[];
  readonly rows: readonly TreeRow[];
}

export interface TreeAnswer {
  /** (v, ell, P, Q) of each bus. */
  readonly line: number[][];
  readonly device: number[];
  readonly nuP: number[];
  readonly nuQ: number[];
}

/**
 * What the two sweeps of assembly/tree compute, by the shortest other way: the equations written out as
 * one dense system A z = b, projected on by Gaussian elimination of A W⁻¹ Aᵀ with pivoting. O(N³), for
 * tests of small feeders; it shares nothing with the kernel but the equations of docs/admm.md.
 */
export function projectDense(problem: TreeProblem, line: readonly number[][], device: readonly number[]): TreeAnswer {
  const { parent, r, x, shunt, vRoot, loadP, loadQ, weights, rows } = problem;
  const count = parent.length;
  const column = (bus: number, k: number) => 4 * (bus - 1) + k;
  const columns = 4 * (count - 1) + rows.length;
  const equations: { a: Map<number, number>; b: number }[] = [];
  const equation = (b: number) => {
    const one = { a: new Map<number, number>(), b };
    equations.push(one);
    return (at: number, value: number) => one.a.set(at, (one.a.get(at) ?? 0) + value);
  };
  const realOf: ReturnType<typeof equation>[] = [];
  const reactiveOf: ReturnType<typeof equation>[] = [];
  for (let bus = 0; bus < count; bus += 1) {
    realOf.push(equation(loadP[bus]!));
    reactiveOf.push(equation(loadQ[bus]! - (bus === 0 ? shunt[0]! * vRoot : 0)));
  }
  for (let bus = 1; bus < count; bus += 1) {
    realOf[bus]!(column(bus, 2), -1);
    reactiveOf[bus]!(column(bus, 3), -1);
    reactiveOf[bus]!(column(bus, 0), shunt[bus]!);
    const up = parent[bus]!;
    realOf[up]!(column(bus, 2), 1);
    realOf[up]!(column(bus, 1), -r[bus]!);
    reactiveOf[up]!(column(bus, 3), 1);
    reactiveOf[up]!(column(bus, 1), -x[bus]!);
    const drop = equation(up === 0 ? vRoot : 0);
    drop(column(bus, 0), 1);
    drop(column(bus, 2), -2 * r[bus]!);
    drop(column(bus, 3), -2 * x[bus]!);
    drop(column(bus, 1), r[bus]! ** 2 + x[bus]! ** 2);
    if (up !== 0) drop(column(up, 0), -1);
  }
  for (const [k, row] of rows.entries()) {
    realOf[row.bus]!(4 * (count - 1) + k, row.p);
    reactiveOf[row.bus]!(4 * (count - 1) + k, row.q);
  }
  const start = new Float64Array(columns);
  const inverse = new Float64Array(columns);
  for (let bus = 1; bus < count; bus += 1) {
    const [v, ell, flow] = weights[bus]!;
    for (let k = 0; k < 4; k += 1) {
      start[column(bus, k)] = line[bus]![k]!;
      inverse[column(bus, k)] = 1 / [v, ell, flow, flow][k]!;
    }
  }
  for (const [k, row] of rows.entries()) {
    start[4 * (count - 1) + k] = device[k]!;
    inverse[4 * (count - 1) + k] = 1 / row.weight;
  }
  const y = solveDense(
    equations.map((one) =>
      equations.map((other) => {
        let sum = 0;
        for (const [at, value] of one.a) sum += value * (other.a.get(at) ?? 0) * inverse[at]!;
        return sum;
      }),
    ),
    equations.map((one) => {
      let sum = -one.b;
      for (const [at, value] of one.a) sum += value * start[at]!;
      return sum;
    }),
  );
  for (const [k, one] of equations.entries())
    for (const [at, value] of one.a) start[at]! -= inverse[at]! * value * y[k]!;
  return {
    line: Array.from({ length: count }, (_, bus) =>
      bus === 0 ? [vRoot, 0, 0, 0] : [0, 1, 2, 3].map((k) => start[column(bus, k)]!),
    ),
    device: rows.map((_, k) => start[4 * (count - 1) + k]!),
    nuP: Array.from({ length: count }, (_, bus) => -y[2 * bus]!),
    nuQ: Array.from({ length: count }, (_, bus) => -y[2 * bus + 1]!),
  };
}

/** Gaussian elimination with row pivoting. */
function solveDense(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < n; k += 1) {
    let best = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(a[i]![k]!) > Math.abs(a[best]![k]!)) best = i;
    [a[k], a[best]] = [a[best]!, a[k]!];
    for (let i = k + 1; i < n; i += 1) {
      const factor = a[i]![k]! / a[k]![k]!;
      if (factor === 0) continue;
      for (let j = k; j <= n; j += 1) a[i]![j]! -= factor * a[k]![j]!;
    }
  }
  const out = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k -= 1) {
    let sum = a[k]![n]!;
    for (let j = k + 1; j < n; j += 1) sum -= a[k]![j]! * out[j]!;
    out[k] = sum / a[k]![k]!;
  }
  return out;
}
