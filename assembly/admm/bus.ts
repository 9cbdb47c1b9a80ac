// `admm-bus`: consensus as in Peng & Low (CDC 2014). Bus i owns (v, ell, P, Q) of itself and its line and
// keeps copies of what its equations need from neighbours: (ell, P, Q) of each child's line and v of
// its parent. Eight rows a bus:
//   0 v  1 ell  2 P  3 Q   as i itself uses them
//   4 ell  5 P  6 Q        of i's line, as the PARENT uses them
//   7 v of the parent, as i uses it
// z-block: each bus projects its rows 0–3 and 7, its devices and its children's rows 4–6 on its own
// three equations. x-block: the copies of one quantity are averaged by weight, then the cone. Only
// neighbours exchange anything: (ell, P, Q) up and v down, there and back, once an iteration.
import {
  TREE_SIZE, TREE_R, TREE_X, TREE_Z2, TREE_PIVOT, TREE_SHUNT, TREE_CONE_V, TREE_W_ELL, TREE_W_FLOW, TREE_W_V,
  ROW_SIZE, ROW_P, ROW_Q, ROW_INV, ROW_OTHER, ROW_FOLLOWS, V_ROOT, PERIODS, NETWORK_ROWS, BUSES,
  AT_W, AT_Z, AT_F, AT_TREE, AT_ROW, AT_ROW_OF_BUS, AT_NODE, AT_LOAD_P, AT_LOAD_Q, AT_WEIGHT, AT_CHILD_PTR, AT_CHILD,
} from '../abi';
import { word, field, rowBytes } from './context';
import { projectBus, sumRow } from './xblock';

const ROWS_OF_BUS: usize = 8;

// @ts-ignore: decorator
@inline
function weightOf(ctx: usize, bus: i32, row: usize): f64 {
  return load<f64>(word(ctx, AT_WEIGHT) + ((<usize>bus * ROWS_OF_BUS + row) << 3));
}

// @ts-ignore: decorator
@inline
function childFrom(ctx: usize, bus: i32): i32 {
  return load<i32>(word(ctx, AT_CHILD_PTR) + (<usize>bus << 2));
}

// @ts-ignore: decorator
@inline
function child(ctx: usize, index: i32): i32 {
  return load<i32>(word(ctx, AT_CHILD) + (<usize>index << 2));
}

/** Fills the records of all buses from the weights: pivots of the local equations, weights the cone sees. */
export function factorBuses(ctx: usize): void {
  for (let bus = 0; bus < <i32>word(ctx, BUSES); ++bus) {
    const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
    const r = load<f64>(record + TREE_R * 8);
    const x = load<f64>(record + TREE_X * 8);
    const z2 = load<f64>(record + TREE_Z2 * 8);
    const b = load<f64>(record + TREE_SHUNT * 8);
    const invV = bus == 0 ? 0 : 1 / weightOf(ctx, bus, 0);
    const invFlow = bus == 0 ? 0 : 1 / weightOf(ctx, bus, 2);
    const invEll = bus == 0 ? 0 : 1 / weightOf(ctx, bus, 1);
    let pp = invFlow;
    let pq: f64 = 0;
    let qq = invFlow + b * b * invV;
    const pd = 2 * r * invFlow;
    const qd = 2 * x * invFlow + b * invV;
    const dd = bus == 0 ? 1 : invV + 4 * z2 * invFlow + z2 * z2 * invEll + 1 / weightOf(ctx, bus, 7);
    let coneV = bus == 0 ? 0 : weightOf(ctx, bus, 0);
    for (let k = childFrom(ctx, bus); k < childFrom(ctx, bus + 1); ++k) {
      const j = child(ctx, k);
      const line = word(ctx, AT_TREE) + <usize>j * (TREE_SIZE * 8);
      const rj = load<f64>(line + TREE_R * 8);
      const xj = load<f64>(line + TREE_X * 8);
      const copyEll = 1 / weightOf(ctx, j, 4);
      const copyFlow = 1 / weightOf(ctx, j, 5);
      pp += copyFlow + rj * rj * copyEll;
      pq += rj * xj * copyEll;
      qq += copyFlow + xj * xj * copyEll;
      coneV += weightOf(ctx, j, 7);
    }
    const index = word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2);
    for (let row = load<i32>(index); row < load<i32>(index + 4); ++row) {
      const device = word(ctx, AT_ROW) + <usize>row * (ROW_SIZE * 8);
      if (load<f64>(device + ROW_FOLLOWS * 8) > 0) continue;
      const p = load<f64>(device + ROW_P * 8);
      const q = load<f64>(device + ROW_Q * 8);
      const inverse = load<f64>(device + ROW_INV * 8);
      pp += p * p * inverse;
      pq += p * q * inverse;
      qq += q * q * inverse;
    }
    invertLocal(pp, pq, pd, qq, qd, dd, record + TREE_PIVOT * 8);
    store<f64>(record + TREE_W_V * 8, bus == 0 ? 1 : weightOf(ctx, bus, 0));
    store<f64>(record + TREE_CONE_V * 8, coneV);
    store<f64>(record + TREE_W_ELL * 8, bus == 0 || z2 == 0 ? 0 : weightOf(ctx, bus, 1) + weightOf(ctx, bus, 4));
    store<f64>(record + TREE_W_FLOW * 8, bus == 0 ? 1 : weightOf(ctx, bus, 2) + weightOf(ctx, bus, 5));
  }
}

/** Inverse of the symmetric matrix (a b c; b d e; c e f), upper triangle. */
function invertLocal(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, to: usize): void {
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

/** Projection of everything bus `bus` holds on its own equations. `input` may be `output`. */
export function projectBusLocal(ctx: usize, input: usize, output: usize, bus: i32, homogeneous: bool): void {
  const bytes = rowBytes(ctx);
  const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const own = <usize>bus * ROWS_OF_BUS * bytes;
  const r = load<f64>(record + TREE_R * 8);
  const x = load<f64>(record + TREE_X * 8);
  const z2 = load<f64>(record + TREE_Z2 * 8);
  const b = load<f64>(record + TREE_SHUNT * 8);
  const vRoot: f64 = homogeneous ? 0 : field(ctx, V_ROOT);
  // residual of the three equations at the input
  for (let o: usize = 0; o < bytes; o += 8) {
    const at = input + own + o;
    const v = bus == 0 ? vRoot : load<f64>(at);
    const p = bus == 0 ? 0 : load<f64>(at + 2 * bytes);
    const q = bus == 0 ? 0 : load<f64>(at + 3 * bytes);
    const drop = bus == 0 ? 0 : v - 2 * (r * p + x * q) + z2 * load<f64>(at + bytes) - load<f64>(at + 7 * bytes);
    const loads = <usize>bus * bytes + o;
    store<f64>(node + o, -p - (homogeneous ? 0 : load<f64>(word(ctx, AT_LOAD_P) + loads)));
    store<f64>(node + bytes + o, b * v - q - (homogeneous ? 0 : load<f64>(word(ctx, AT_LOAD_Q) + loads)));
    store<f64>(node + 2 * bytes + o, drop);
  }
  for (let k = childFrom(ctx, bus); k < childFrom(ctx, bus + 1); ++k) {
    const j = child(ctx, k);
    const line = word(ctx, AT_TREE) + <usize>j * (TREE_SIZE * 8);
    const rj = load<f64>(line + TREE_R * 8);
    const xj = load<f64>(line + TREE_X * 8);
    const copy = input + (<usize>j * ROWS_OF_BUS + 4) * bytes;
    for (let o: usize = 0; o < bytes; o += 8) {
      const ell = load<f64>(copy + o);
      store<f64>(node + o, load<f64>(node + o) + (load<f64>(copy + bytes + o) - rj * ell));
      store<f64>(node + bytes + o, load<f64>(node + bytes + o) + (load<f64>(copy + 2 * bytes + o) - xj * ell));
    }
  }
  const index = word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2);
  const last = load<i32>(index + 4);
  for (let row = load<i32>(index); row < last; ++row) {
    const device = word(ctx, AT_ROW) + <usize>row * (ROW_SIZE * 8);
    if (load<f64>(device + ROW_FOLLOWS * 8) > 0) continue;
    const p = load<f64>(device + ROW_P * 8);
    const q = load<f64>(device + ROW_Q * 8);
    const other = load<f64>(device + ROW_OTHER * 8);
    const from = input + (<usize>row + word(ctx, NETWORK_ROWS)) * bytes;
    for (let o: usize = 0; o < bytes; o += 8) {
      let a = load<f64>(from + o);
      if (other > 0) a = a + other * (load<f64>(from + bytes + o) - a);
      store<f64>(node + o, load<f64>(node + o) + p * a);
      store<f64>(node + bytes + o, load<f64>(node + bytes + o) + q * a);
    }
  }
  solveLocal(record, node, bytes);
  spreadOwn(ctx, record, input + own, output + own, node, bytes, bus, vRoot);
  for (let k = childFrom(ctx, bus); k < childFrom(ctx, bus + 1); ++k) {
    const j = child(ctx, k);
    const copy = (<usize>j * ROWS_OF_BUS + 4) * bytes;
    spreadCopies(ctx, j, input + copy, output + copy, node, bytes);
  }
  for (let row = load<i32>(index); row < last; ++row) {
    const device = word(ctx, AT_ROW) + <usize>row * (ROW_SIZE * 8);
    if (load<f64>(device + ROW_FOLLOWS * 8) > 0) continue;
    const offset = (<usize>row + word(ctx, NETWORK_ROWS)) * bytes;
    spreadDevice(input + offset, output + offset, node, bytes, device);
  }
}

/** node ← prices: minus the inverse times the residual for the balances, the drop's multiplier as it is. */
function solveLocal(record: usize, node: usize, bytes: usize): void {
  const s = record + TREE_PIVOT * 8;
  const s00 = load<f64>(s);
  const s01 = load<f64>(s + 8);
  const s02 = load<f64>(s + 16);
  const s11 = load<f64>(s + 24);
  const s12 = load<f64>(s + 32);
  const s22 = load<f64>(s + 40);
  for (let o: usize = 0; o < bytes; o += 8) {
    const a = load<f64>(node + o);
    const b = load<f64>(node + bytes + o);
    const c = load<f64>(node + 2 * bytes + o);
    store<f64>(node + o, -(s00 * a + s01 * b + s02 * c));
    store<f64>(node + bytes + o, -(s01 * a + s11 * b + s12 * c));
    store<f64>(node + 2 * bytes + o, s02 * a + s12 * b + s22 * c);
  }
}

function spreadOwn(
  ctx: usize, record: usize, from: usize, to: usize, node: usize, bytes: usize, bus: i32, vRoot: f64,
): void {
  if (bus == 0) {
    memory.fill(to, 0, 8 * bytes);
    for (let o: usize = 0; o < bytes; o += 8) store<f64>(to + o, vRoot);
    return;
  }
  const r = load<f64>(record + TREE_R * 8);
  const x = load<f64>(record + TREE_X * 8);
  const z2 = load<f64>(record + TREE_Z2 * 8);
  const b = load<f64>(record + TREE_SHUNT * 8);
  const invV = 1 / weightOf(ctx, bus, 0);
  const invEll = 1 / weightOf(ctx, bus, 1);
  const invFlow = 1 / weightOf(ctx, bus, 2);
  const invUp = 1 / weightOf(ctx, bus, 7);
  for (let o: usize = 0; o < bytes; o += 8) {
    const nuP = load<f64>(node + o);
    const nuQ = load<f64>(node + bytes + o);
    const mu = load<f64>(node + 2 * bytes + o);
    store<f64>(to + o, load<f64>(from + o) + (b * nuQ - mu) * invV);
    store<f64>(to + bytes + o, load<f64>(from + bytes + o) - z2 * mu * invEll);
    store<f64>(to + 2 * bytes + o, load<f64>(from + 2 * bytes + o) + (2 * r * mu - nuP) * invFlow);
    store<f64>(to + 3 * bytes + o, load<f64>(from + 3 * bytes + o) + (2 * x * mu - nuQ) * invFlow);
    store<f64>(to + 7 * bytes + o, load<f64>(from + 7 * bytes + o) + mu * invUp);
  }
}

function spreadCopies(ctx: usize, j: i32, from: usize, to: usize, node: usize, bytes: usize): void {
  const line = word(ctx, AT_TREE) + <usize>j * (TREE_SIZE * 8);
  const r = load<f64>(line + TREE_R * 8);
  const x = load<f64>(line + TREE_X * 8);
  const invEll = 1 / weightOf(ctx, j, 4);
  const invFlow = 1 / weightOf(ctx, j, 5);
  for (let o: usize = 0; o < bytes; o += 8) {
    const nuP = load<f64>(node + o);
    const nuQ = load<f64>(node + bytes + o);
    store<f64>(to + o, load<f64>(from + o) - (r * nuP + x * nuQ) * invEll);
    store<f64>(to + bytes + o, load<f64>(from + bytes + o) + nuP * invFlow);
    store<f64>(to + 2 * bytes + o, load<f64>(from + 2 * bytes + o) + nuQ * invFlow);
  }
}

function spreadDevice(from: usize, to: usize, node: usize, bytes: usize, device: usize): void {
  const inverse = load<f64>(device + ROW_INV * 8);
  const p = load<f64>(device + ROW_P * 8) * inverse;
  const q = load<f64>(device + ROW_Q * 8) * inverse;
  const other = load<f64>(device + ROW_OTHER * 8);
  for (let o: usize = 0; o < bytes; o += 8) {
    let a = load<f64>(from + o);
    if (other > 0) a = a + other * (load<f64>(from + bytes + o) - a);
    const z = a + (p * load<f64>(node + o) + q * load<f64>(node + bytes + o));
    store<f64>(to + o, z);
    if (other > 0) store<f64>(to + bytes + o, z);
  }
}

/** x-block of a bus: f on its rows 0–6 and on its children's row 7. */
export function consensusBus(ctx: usize, bus: i32): void {
  const bytes = rowBytes(ctx);
  const own = <usize>bus * ROWS_OF_BUS;
  const w = word(ctx, AT_W);
  const z = word(ctx, AT_Z);
  const f = word(ctx, AT_F);
  const at = f + own * bytes;
  if (bus == 0) {
    memory.fill(at, 0, 8 * bytes);
    for (let o: usize = 0; o < bytes; o += 8) store<f64>(at + o, field(ctx, V_ROOT));
  } else {
    const wv = weightOf(ctx, bus, 0);
    for (let o: usize = 0; o < bytes; o += 8) {
      let sum = wv * aim(w, z, own, bytes, o);
      for (let k = childFrom(ctx, bus); k < childFrom(ctx, bus + 1); ++k) {
        const j = child(ctx, k);
        sum += weightOf(ctx, j, 7) * aim(w, z, <usize>j * ROWS_OF_BUS + 7, bytes, o);
      }
      store<f64>(at + o, sum / load<f64>(word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8) + TREE_CONE_V * 8));
      for (let row: usize = 1; row < 4; ++row) {
        const a = weightOf(ctx, bus, row);
        const b = weightOf(ctx, bus, row + 3);
        const mean = (a * aim(w, z, own + row, bytes, o) + b * aim(w, z, own + row + 3, bytes, o)) / (a + b);
        store<f64>(at + row * bytes + o, mean);
      }
    }
    projectBus(ctx, bus, at, bytes);
  }
  // x is in rows 0–3; differences from every copy of it
  for (let k = childFrom(ctx, bus); k < childFrom(ctx, bus + 1); ++k) {
    const row = <usize>child(ctx, k) * ROWS_OF_BUS + 7;
    for (let o: usize = 0; o < bytes; o += 8) {
      store<f64>(f + row * bytes + o, load<f64>(at + o) - load<f64>(z + row * bytes + o));
    }
    sumRow(ctx, row);
  }
  for (let row: usize = 4; row < 7; ++row) {
    for (let o: usize = 0; o < bytes; o += 8) {
      const x = load<f64>(at + (row - 3) * bytes + o);
      store<f64>(at + row * bytes + o, bus == 0 ? 0 : x - load<f64>(z + (own + row) * bytes + o));
    }
    sumRow(ctx, own + row);
  }
  for (let row: usize = 0; row < 4; ++row) {
    for (let o: usize = 0; o < bytes; o += 8) {
      const x = load<f64>(at + row * bytes + o);
      store<f64>(at + row * bytes + o, x - load<f64>(z + (own + row) * bytes + o));
    }
    sumRow(ctx, own + row);
  }
}

// @ts-ignore: decorator
@inline
function aim(w: usize, z: usize, row: usize, bytes: usize, o: usize): f64 {
  return 2 * load<f64>(z + row * bytes + o) - load<f64>(w + row * bytes + o);
}
