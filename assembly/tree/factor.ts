// z-block of `admm`: projection on the branch-flow equations of ALL buses of a period at once
// (model: Baran & Wu 1989; the equations in docs/admm.md). Eliminating flows, currents and the
// voltage-drop multiplier of each line leaves three unknowns a bus, (nuP, nuQ, v), and a matrix that
// is block-sparse like the tree: leaves to root it factors with no fill. The weights do not depend
// on the period, so one factor serves all of them.
import {
  TREE_SIZE, TREE_R, TREE_X, TREE_Z2, TREE_INV_FLOW, TREE_INV_ELL, TREE_INV_K, TREE_OWN, TREE_UP, TREE_GAIN, TREE_PIVOT,
  TREE_W_V, TREE_W_ELL, TREE_W_FLOW, TREE_SHUNT, TREE_CONE_V, ROW_SIZE, ROW_P, ROW_Q, ROW_INV, ROW_FOLLOWS,
  BUSES, AT_TREE, AT_ROW, AT_ROW_OF_BUS, AT_PARENT, AT_WEIGHT, AT_NODE, DOUBLES, ROOT_P_V, ROOT_Q_V,
} from '../abi';
import { word, field } from '../admm/context';

/** Smallest share of 1/weightV that a line's compliance may have: a line without impedance is not divided by zero. */
const STIFFEST: f64 = 1e-10;

/** Upper triangle of a 3 × 3 matrix: PP PQ PV QQ QV VV. Adds s·u·uᵀ. */
function addOuter(at: usize, u0: f64, u1: f64, u2: f64, s: f64): void {
  store<f64>(at, load<f64>(at) + s * u0 * u0);
  store<f64>(at + 8, load<f64>(at + 8) + s * u0 * u1);
  store<f64>(at + 16, load<f64>(at + 16) + s * u0 * u2);
  store<f64>(at + 24, load<f64>(at + 24) + s * u1 * u1);
  store<f64>(at + 32, load<f64>(at + 32) + s * u1 * u2);
  store<f64>(at + 40, load<f64>(at + 40) + s * u2 * u2);
}

function addDevices(ctx: usize, bus: i32, at: usize): void {
  const rows = word(ctx, AT_ROW);
  const from = load<i32>(word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2));
  const to = load<i32>(word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2) + 4);
  for (let row = from; row < to; ++row) {
    const record = rows + <usize>row * (ROW_SIZE * 8);
    if (load<f64>(record + ROW_FOLLOWS * 8) > 0) continue;
    const p = load<f64>(record + ROW_P * 8);
    const q = load<f64>(record + ROW_Q * 8);
    addOuter(at, p, q, 0, load<f64>(record + ROW_INV * 8));
  }
}

/** Reads the weights of all rows, fills the tree records, factors. Serial, O(N). Uses the node rows as workspace. */
export function factorTree(ctx: usize): void {
  const buses = <i32>word(ctx, BUSES);
  const tree = word(ctx, AT_TREE);
  const weights = word(ctx, AT_WEIGHT);
  const parents = word(ctx, AT_PARENT);
  const work = word(ctx, AT_NODE);
  for (let bus = 0; bus < buses; ++bus) {
    const at = work + <usize>bus * 48;
    const record = tree + <usize>bus * (TREE_SIZE * 8);
    const weight = weights + <usize>bus * 32;
    const weightV = load<f64>(weight);
    store<f64>(record + TREE_W_V * 8, weightV);
    store<f64>(record + TREE_CONE_V * 8, weightV);
    store<f64>(record + TREE_W_FLOW * 8, load<f64>(weight + 16));
    const z2 = load<f64>(record + TREE_Z2 * 8);
    store<f64>(record + TREE_W_ELL * 8, z2 > 0 ? load<f64>(weight + 8) : 0);
    store<f64>(at, 0);
    store<f64>(at + 8, 0);
    store<f64>(at + 16, 0);
    store<f64>(at + 24, 0);
    store<f64>(at + 32, load<f64>(record + TREE_SHUNT * 8));
    store<f64>(at + 40, -weightV);
    addDevices(ctx, bus, at);
  }
  for (let bus = 1; bus < buses; ++bus) {
    const record = tree + <usize>bus * (TREE_SIZE * 8);
    const at = work + <usize>bus * 48;
    const up = work + <usize>load<i32>(parents + (<usize>bus << 2)) * 48;
    const r = load<f64>(record + TREE_R * 8);
    const x = load<f64>(record + TREE_X * 8);
    const z2 = load<f64>(record + TREE_Z2 * 8);
    const invFlow = 1 / load<f64>(record + TREE_W_FLOW * 8);
    const invEll = z2 > 0 ? 1 / load<f64>(record + TREE_W_ELL * 8) : 0;
    const softest = STIFFEST / load<f64>(record + TREE_W_V * 8);
    const k = 4 * z2 * invFlow + z2 * z2 * invEll;
    const invK = 1 / (k > softest ? k : softest);
    const own0 = 2 * r * invFlow;
    const own1 = 2 * x * invFlow;
    const up0 = -own0 - z2 * r * invEll;
    const up1 = -own1 - z2 * x * invEll;
    store<f64>(record + TREE_INV_FLOW * 8, invFlow);
    store<f64>(record + TREE_INV_ELL * 8, invEll);
    store<f64>(record + TREE_INV_K * 8, invK);
    store<f64>(record + TREE_OWN * 8, own0);
    store<f64>(record + TREE_OWN * 8 + 8, own1);
    store<f64>(record + TREE_UP * 8, up0);
    store<f64>(record + TREE_UP * 8 + 8, up1);
    store<f64>(at, load<f64>(at) + invFlow);
    store<f64>(at + 24, load<f64>(at + 24) + invFlow);
    store<f64>(up, load<f64>(up) + invFlow);
    store<f64>(up + 24, load<f64>(up + 24) + invFlow);
    addOuter(up, r, x, 0, invEll);
    addOuter(at, own0, own1, 1, -invK);
    addOuter(up, up0, up1, -1, -invK);
  }
  for (let bus = buses - 1; bus > 0; --bus) {
    const record = tree + <usize>bus * (TREE_SIZE * 8);
    invert(work + <usize>bus * 48, record + TREE_PIVOT * 8);
    gain(record);
    eliminate(record, work + <usize>load<i32>(parents + (<usize>bus << 2)) * 48);
  }
  factorRoot(ctx, work, tree);
}

/** Inverse of a symmetric 3 × 3 matrix, upper triangles. */
function invert(from: usize, to: usize): void {
  const a = load<f64>(from);
  const b = load<f64>(from + 8);
  const c = load<f64>(from + 16);
  const d = load<f64>(from + 24);
  const e = load<f64>(from + 32);
  const f = load<f64>(from + 40);
  const A = d * f - e * e;
  const B = c * e - b * f;
  const C = b * e - c * d;
  const inverse = 1 / (a * A + b * B + c * C);
  store<f64>(to, A * inverse);
  store<f64>(to + 8, B * inverse);
  store<f64>(to + 16, C * inverse);
  store<f64>(to + 24, (a * f - c * c) * inverse);
  store<f64>(to + 32, (b * c - a * e) * inverse);
  store<f64>(to + 40, (a * d - b * b) * inverse);
}

/** Entry (i, j) of the block that couples the parent (rows) with the child (columns). */
// @ts-ignore: decorator
@inline
function coupling(record: usize, i: i32, j: i32): f64 {
  const h = i == 2 ? <f64>-1 : load<f64>(record + TREE_UP * 8 + (<usize>i << 3));
  const g = j == 2 ? <f64>1 : load<f64>(record + TREE_OWN * 8 + (<usize>j << 3));
  const flow = i == j && i < 2 ? load<f64>(record + TREE_INV_FLOW * 8) : 0;
  return -h * g * load<f64>(record + TREE_INV_K * 8) - flow;
}

/** GAIN = coupling · pivot⁻¹ */
function gain(record: usize): void {
  const s = record + TREE_PIVOT * 8;
  const s00 = load<f64>(s);
  const s01 = load<f64>(s + 8);
  const s02 = load<f64>(s + 16);
  const s11 = load<f64>(s + 24);
  const s12 = load<f64>(s + 32);
  const s22 = load<f64>(s + 40);
  for (let i = 0; i < 3; ++i) {
    const c0 = coupling(record, i, 0);
    const c1 = coupling(record, i, 1);
    const c2 = coupling(record, i, 2);
    const to = record + TREE_GAIN * 8 + <usize>i * 24;
    store<f64>(to, c0 * s00 + c1 * s01 + c2 * s02);
    store<f64>(to + 8, c0 * s01 + c1 * s11 + c2 * s12);
    store<f64>(to + 16, c0 * s02 + c1 * s12 + c2 * s22);
  }
}

/** parent −= GAIN · couplingᵀ */
function eliminate(record: usize, up: usize): void {
  let at = up;
  for (let i = 0; i < 3; ++i) {
    const row = record + TREE_GAIN * 8 + <usize>i * 24;
    for (let j = i; j < 3; ++j) {
      const sum =
        load<f64>(row) * coupling(record, j, 0) +
        load<f64>(row + 8) * coupling(record, j, 1) +
        load<f64>(row + 16) * coupling(record, j, 2);
      store<f64>(at, load<f64>(at) - sum);
      at += 8;
    }
  }
}

/** The root's voltage is given: a 2 × 2 pivot, and how v enters its two balances. */
function factorRoot(ctx: usize, work: usize, record: usize): void {
  const a = load<f64>(work);
  const b = load<f64>(work + 8);
  const d = load<f64>(work + 24);
  const inverse = 1 / (a * d - b * b);
  const to = record + TREE_PIVOT * 8;
  store<f64>(to, d * inverse);
  store<f64>(to + 8, -b * inverse);
  store<f64>(to + 16, 0);
  store<f64>(to + 24, a * inverse);
  store<f64>(to + 32, 0);
  store<f64>(to + 40, 0);
  store<f64>(ctx + DOUBLES + ROOT_P_V * 8, load<f64>(work + 16));
  store<f64>(ctx + DOUBLES + ROOT_Q_V * 8, load<f64>(work + 32));
}
