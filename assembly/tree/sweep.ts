// The two sweeps of the tree projection, over all periods of a bus at a time.
//   up:   right-hand side of each bus, what its children leave over eliminated; to the root
//   down: (nuP, nuQ, v) of each bus from its parent's; then its flows, current and devices
// The order of every addition into a bus is descending position of its children, whoever runs which
// subtree: that keeps the answer independent of the number of threads.
import {
  TREE_SIZE, TREE_R, TREE_X, TREE_Z2, TREE_INV_FLOW, TREE_INV_ELL, TREE_INV_K, TREE_OWN, TREE_UP, TREE_GAIN, TREE_PIVOT,
  TREE_W_V, ROW_SIZE, ROW_P, ROW_Q, ROW_INV, ROW_OTHER, ROW_FOLLOWS, ROOT_P_V, ROOT_Q_V, V_ROOT, PERIODS, NETWORK_ROWS,
  AT_TREE, AT_ROW, AT_ROW_OF_BUS, AT_PARENT, AT_NODE, AT_LOAD_P, AT_LOAD_Q,
} from '../abi';
import { word, field, rowBytes } from '../admm/context';
import { add, sub, mul, splat } from '../lanes';

// @ts-ignore: decorator
@inline
function at<V>(base: usize, index: i32): V {
  return splat<V>(load<f64>(base + (<usize>index << 3)));
}

/** Starts the right-hand side of bus `bus`: loads, devices, voltage target. `homogeneous` leaves the data out. */
export function gather(ctx: usize, input: usize, bus: i32, homogeneous: bool): void {
  const bytes = rowBytes(ctx);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const loads = <usize>bus * bytes;
  const loadP = word(ctx, AT_LOAD_P) + loads;
  const loadQ = word(ctx, AT_LOAD_Q) + loads;
  const v = input + <usize>bus * 4 * bytes;
  const weight = load<f64>(word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8) + TREE_W_V * 8);
  for (let o: usize = 0; o < bytes; o += 8) {
    store<f64>(node + o, homogeneous ? 0 : load<f64>(loadP + o));
    store<f64>(node + bytes + o, homogeneous ? 0 : load<f64>(loadQ + o));
    store<f64>(node + 2 * bytes + o, -weight * load<f64>(v + o));
  }
  const rows = word(ctx, AT_ROW);
  const index = word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2);
  const to = load<i32>(index + 4);
  for (let row = load<i32>(index); row < to; ++row) {
    const record = rows + <usize>row * (ROW_SIZE * 8);
    if (load<f64>(record + ROW_FOLLOWS * 8) > 0) continue;
    gatherRow(node, bytes, input + (<usize>row + word(ctx, NETWORK_ROWS)) * bytes, record);
  }
}

function gatherRow(node: usize, bytes: usize, row: usize, record: usize): void {
  const p = load<f64>(record + ROW_P * 8);
  const q = load<f64>(record + ROW_Q * 8);
  const other = load<f64>(record + ROW_OTHER * 8);
  for (let o: usize = 0; o < bytes; o += 8) {
    let a = load<f64>(row + o);
    if (other > 0) a = a + other * (load<f64>(row + bytes + o) - a);
    if (p != 0) store<f64>(node + o, load<f64>(node + o) - p * a);
    if (q != 0) store<f64>(node + bytes + o, load<f64>(node + bytes + o) - q * a);
  }
}

/** Completes bus `bus` with its own line's targets; where `push`, passes what is left to the parent. */
export function sweepUp(ctx: usize, input: usize, bus: i32, finish: bool, push: bool): void {
  const bytes = rowBytes(ctx);
  const count = <i32>word(ctx, PERIODS);
  const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const up = word(ctx, AT_NODE) + <usize>load<i32>(word(ctx, AT_PARENT) + (<usize>bus << 2)) * 3 * bytes;
  const line = input + (<usize>bus * 4 + 1) * bytes;
  let t = 0;
  if (finish) {
    if (ASC_FEATURE_SIMD) for (; t + 1 < count; t += 2) finishLanes<v128>(record, node + (<usize>t << 3), line + (<usize>t << 3), bytes);
    for (; t < count; ++t) finishLanes<f64>(record, node + (<usize>t << 3), line + (<usize>t << 3), bytes);
  }
  if (push) {
    t = 0;
    if (ASC_FEATURE_SIMD) {
      for (; t + 1 < count; t += 2) {
        pushLanes<v128>(record, node + (<usize>t << 3), up + (<usize>t << 3), line + (<usize>t << 3), bytes);
      }
    }
    for (; t < count; ++t) pushLanes<f64>(record, node + (<usize>t << 3), up + (<usize>t << 3), line + (<usize>t << 3), bytes);
  }
}

/** c0 / K with c0 = 2(r P + x Q) − |z|² ell at the targets. */
// @ts-ignore: decorator
@inline
function dropTarget<V>(record: usize, ell: V, p: V, q: V): V {
  const two = splat<V>(2);
  const c0 = sub<V>(
    mul<V>(two, add<V>(mul<V>(at<V>(record, TREE_R), p), mul<V>(at<V>(record, TREE_X), q))),
    mul<V>(at<V>(record, TREE_Z2), ell),
  );
  return mul<V>(c0, at<V>(record, TREE_INV_K));
}

// @ts-ignore: decorator
@inline
function finishLanes<V>(record: usize, node: usize, line: usize, bytes: usize): void {
  const ell = load<V>(line);
  const p = load<V>(line + bytes);
  const q = load<V>(line + 2 * bytes);
  const c = dropTarget<V>(record, ell, p, q);
  store<V>(node, add<V>(load<V>(node), sub<V>(p, mul<V>(at<V>(record, TREE_OWN), c))));
  store<V>(node + bytes, add<V>(load<V>(node + bytes), sub<V>(q, mul<V>(at<V>(record, TREE_OWN + 1), c))));
  store<V>(node + 2 * bytes, sub<V>(load<V>(node + 2 * bytes), c));
}

// @ts-ignore: decorator
@inline
function pushLanes<V>(record: usize, node: usize, up: usize, line: usize, bytes: usize): void {
  const ell = load<V>(line);
  const p = load<V>(line + bytes);
  const q = load<V>(line + 2 * bytes);
  const c = dropTarget<V>(record, ell, p, q);
  const r0 = load<V>(node);
  const r1 = load<V>(node + bytes);
  const r2 = load<V>(node + 2 * bytes);
  const gainRow = TREE_GAIN;
  const arriveP = sub<V>(p, mul<V>(at<V>(record, TREE_R), ell));
  const arriveQ = sub<V>(q, mul<V>(at<V>(record, TREE_X), ell));
  const left0 = add<V>(
    add<V>(mul<V>(at<V>(record, gainRow), r0), mul<V>(at<V>(record, gainRow + 1), r1)),
    mul<V>(at<V>(record, gainRow + 2), r2),
  );
  const left1 = add<V>(
    add<V>(mul<V>(at<V>(record, gainRow + 3), r0), mul<V>(at<V>(record, gainRow + 4), r1)),
    mul<V>(at<V>(record, gainRow + 5), r2),
  );
  const left2 = add<V>(
    add<V>(mul<V>(at<V>(record, gainRow + 6), r0), mul<V>(at<V>(record, gainRow + 7), r1)),
    mul<V>(at<V>(record, gainRow + 8), r2),
  );
  store<V>(up, sub<V>(load<V>(up), add<V>(add<V>(arriveP, mul<V>(at<V>(record, TREE_UP), c)), left0)));
  store<V>(
    up + bytes,
    sub<V>(load<V>(up + bytes), add<V>(add<V>(arriveQ, mul<V>(at<V>(record, TREE_UP + 1), c)), left1)),
  );
  store<V>(up + 2 * bytes, add<V>(load<V>(up + 2 * bytes), sub<V>(c, left2)));
}

/** Solves at the root, whose voltage is given and whose flows are zero. */
export function solveRoot(ctx: usize, homogeneous: bool): void {
  const bytes = rowBytes(ctx);
  const node = word(ctx, AT_NODE);
  const record = word(ctx, AT_TREE);
  const v: f64 = homogeneous ? 0 : field(ctx, V_ROOT);
  const s00 = load<f64>(record + TREE_PIVOT * 8);
  const s01 = load<f64>(record + TREE_PIVOT * 8 + 8);
  const s11 = load<f64>(record + TREE_PIVOT * 8 + 24);
  const pv = field(ctx, ROOT_P_V) * v;
  const qv = field(ctx, ROOT_Q_V) * v;
  for (let o: usize = 0; o < bytes; o += 8) {
    const a = load<f64>(node + o) - pv;
    const b = load<f64>(node + bytes + o) - qv;
    store<f64>(node + o, s00 * a + s01 * b);
    store<f64>(node + bytes + o, s01 * a + s11 * b);
    store<f64>(node + 2 * bytes + o, v);
  }
}

/** (nuP, nuQ, v) of a bus from its parent's, in place of its right-hand side. */
export function sweepDown(ctx: usize, bus: i32): void {
  const bytes = rowBytes(ctx);
  const count = <i32>word(ctx, PERIODS);
  const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const up = word(ctx, AT_NODE) + <usize>load<i32>(word(ctx, AT_PARENT) + (<usize>bus << 2)) * 3 * bytes;
  let t = 0;
  if (ASC_FEATURE_SIMD) for (; t + 1 < count; t += 2) downLanes<v128>(record, node + (<usize>t << 3), up + (<usize>t << 3), bytes);
  for (; t < count; ++t) downLanes<f64>(record, node + (<usize>t << 3), up + (<usize>t << 3), bytes);
}

// @ts-ignore: decorator
@inline
function downLanes<V>(record: usize, node: usize, up: usize, bytes: usize): void {
  const r0 = load<V>(node);
  const r1 = load<V>(node + bytes);
  const r2 = load<V>(node + 2 * bytes);
  const u0 = load<V>(up);
  const u1 = load<V>(up + bytes);
  const u2 = load<V>(up + 2 * bytes);
  const s = TREE_PIVOT;
  const g = TREE_GAIN;
  store<V>(
    node,
    sub<V>(
      add<V>(add<V>(mul<V>(at<V>(record, s), r0), mul<V>(at<V>(record, s + 1), r1)), mul<V>(at<V>(record, s + 2), r2)),
      add<V>(add<V>(mul<V>(at<V>(record, g), u0), mul<V>(at<V>(record, g + 3), u1)), mul<V>(at<V>(record, g + 6), u2)),
    ),
  );
  store<V>(
    node + bytes,
    sub<V>(
      add<V>(add<V>(mul<V>(at<V>(record, s + 1), r0), mul<V>(at<V>(record, s + 3), r1)), mul<V>(at<V>(record, s + 4), r2)),
      add<V>(add<V>(mul<V>(at<V>(record, g + 1), u0), mul<V>(at<V>(record, g + 4), u1)), mul<V>(at<V>(record, g + 7), u2)),
    ),
  );
  store<V>(
    node + 2 * bytes,
    sub<V>(
      add<V>(add<V>(mul<V>(at<V>(record, s + 2), r0), mul<V>(at<V>(record, s + 4), r1)), mul<V>(at<V>(record, s + 5), r2)),
      add<V>(add<V>(mul<V>(at<V>(record, g + 2), u0), mul<V>(at<V>(record, g + 5), u1)), mul<V>(at<V>(record, g + 8), u2)),
    ),
  );
}

/** z of a bus: its voltage, its line's flows and current, its devices. `input` may be `output`. */
export function spread(ctx: usize, input: usize, output: usize, bus: i32, homogeneous: bool): void {
  const bytes = rowBytes(ctx);
  const count = <i32>word(ctx, PERIODS);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const from = input + <usize>bus * 4 * bytes;
  const to = output + <usize>bus * 4 * bytes;
  if (bus == 0) {
    const v: f64 = homogeneous ? 0 : field(ctx, V_ROOT);
    for (let o: usize = 0; o < bytes; o += 8) {
      store<f64>(to + o, v);
      store<f64>(to + bytes + o, 0);
      store<f64>(to + 2 * bytes + o, 0);
      store<f64>(to + 3 * bytes + o, 0);
    }
  } else {
    const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
    const up = word(ctx, AT_NODE) + <usize>load<i32>(word(ctx, AT_PARENT) + (<usize>bus << 2)) * 3 * bytes;
    let t = 0;
    if (ASC_FEATURE_SIMD) {
      for (; t + 1 < count; t += 2) {
        const o = <usize>t << 3;
        lineLanes<v128>(record, node + o, up + o, from + o, to + o, bytes);
      }
    }
    for (; t < count; ++t) {
      const o = <usize>t << 3;
      lineLanes<f64>(record, node + o, up + o, from + o, to + o, bytes);
    }
  }
  const rows = word(ctx, AT_ROW);
  const index = word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2);
  const last = load<i32>(index + 4);
  for (let row = load<i32>(index); row < last; ++row) {
    const record = rows + <usize>row * (ROW_SIZE * 8);
    if (load<f64>(record + ROW_FOLLOWS * 8) > 0) continue;
    const offset = (<usize>row + word(ctx, NETWORK_ROWS)) * bytes;
    spreadRow(node, bytes, input + offset, output + offset, record);
  }
}

// @ts-ignore: decorator
@inline
function lineLanes<V>(record: usize, node: usize, up: usize, from: usize, to: usize, bytes: usize): void {
  const ell = load<V>(from + bytes);
  const p = load<V>(from + 2 * bytes);
  const q = load<V>(from + 3 * bytes);
  const y0 = load<V>(node);
  const y1 = load<V>(node + bytes);
  const y2 = load<V>(node + 2 * bytes);
  const u0 = load<V>(up);
  const u1 = load<V>(up + bytes);
  const u2 = load<V>(up + 2 * bytes);
  const c = dropTarget<V>(record, ell, p, q);
  const seen = add<V>(
    add<V>(mul<V>(at<V>(record, TREE_OWN), y0), mul<V>(at<V>(record, TREE_OWN + 1), y1)),
    add<V>(mul<V>(at<V>(record, TREE_UP), u0), mul<V>(at<V>(record, TREE_UP + 1), u1)),
  );
  const mu = sub<V>(mul<V>(add<V>(seen, sub<V>(y2, u2)), at<V>(record, TREE_INV_K)), c);
  const two = splat<V>(2);
  const r = at<V>(record, TREE_R);
  const x = at<V>(record, TREE_X);
  const invFlow = at<V>(record, TREE_INV_FLOW);
  const lossPrice = add<V>(add<V>(mul<V>(r, u0), mul<V>(x, u1)), mul<V>(at<V>(record, TREE_Z2), mu));
  store<V>(to, y2);
  store<V>(to + bytes, sub<V>(ell, mul<V>(lossPrice, at<V>(record, TREE_INV_ELL))));
  store<V>(to + 2 * bytes, add<V>(p, mul<V>(add<V>(sub<V>(u0, y0), mul<V>(mul<V>(two, r), mu)), invFlow)));
  store<V>(to + 3 * bytes, add<V>(q, mul<V>(add<V>(sub<V>(u1, y1), mul<V>(mul<V>(two, x), mu)), invFlow)));
}

function spreadRow(node: usize, bytes: usize, from: usize, to: usize, record: usize): void {
  const inverse = load<f64>(record + ROW_INV * 8);
  const p = load<f64>(record + ROW_P * 8) * inverse;
  const q = load<f64>(record + ROW_Q * 8) * inverse;
  const other = load<f64>(record + ROW_OTHER * 8);
  for (let o: usize = 0; o < bytes; o += 8) {
    let a = load<f64>(from + o);
    if (other > 0) a = a + other * (load<f64>(from + bytes + o) - a);
    const z = a + (p * load<f64>(node + o) + q * load<f64>(node + bytes + o));
    store<f64>(to + o, z);
    if (other > 0) store<f64>(to + bytes + o, z);
  }
}
