// Weight updates at a few fixed iterations, ever further apart and finitely many: after the last one the
// method is a fixed one and converges as such. z and the multipliers W (w − z) are kept.
//   v and devices:  one factor each, towards equal primal and dual residuals
//   ell:            a line whose current outgrew the expected flow gets the weight of that current, and back
//   P and Q:        a line whose flow will not come in (a binding rating) is held harder
import {
  ROWS, NETWORK_ROWS, VARIANT, PARTIES, AT_W, AT_Z, AT_F, AT_Z_STEP, AT_WEIGHT, AT_ROW, AT_ROW_SUM, AT_FLOW, AT_FLOW_FIRST, AT_PARTY_MAX,
  ROW_SIZE, ROW_INV, ADAPT_NEXT, ADAPT_LEFT, TOLERANCE, GROUP_PRIMAL, GROUP_DUAL, POWER_SCALE, PRICE_MAX,
} from '../abi';
import { word, setWord, field, rowBytes } from './context';
import { barrier } from './barrier';
import { firstChunk, chunkRow } from './accelerate';

/** Residuals further apart than this are brought together. */
const BAND: f64 = 5;
const MOST: f64 = 10;
/** Flows follow devices; only a line far out of balance is touched. */
const FLOW_BAND: f64 = 30;
/** How far a current may exceed the expected one before its weight follows. */
const ELL_BAND: f64 = 1.5;

/** Factor for a group's weight; 1 where its residuals are near each other or small. */
function balanced(primal: f64, dual: f64, band: f64, small: f64): f64 {
  if (primal <= small && dual <= small) return 1;
  if (primal <= band * dual && dual <= band * primal) return 1;
  const factor = dual > 0 ? sqrt<f64>(primal / dual) : MOST;
  return factor > MOST ? MOST : factor < 1 / MOST ? 1 / MOST : factor;
}

/** All parties. 1: weights changed, the caller factors anew; 0: nothing changed; −1: poisoned. */
export function adapt(ctx: usize, party: i32, iteration: i32): i32 {
  const small = 0.5 * field(ctx, TOLERANCE);
  const forV = balanced(field(ctx, GROUP_PRIMAL), field(ctx, GROUP_DUAL), BAND, small);
  const forDevices = balanced(field(ctx, GROUP_PRIMAL + 2), field(ctx, GROUP_DUAL + 2), BAND, small);
  const left = <i32>word(ctx, ADAPT_LEFT);
  const network = <i32>word(ctx, NETWORK_ROWS);
  const rows = <i32>word(ctx, ROWS);
  const bytes = rowBytes(ctx);
  let changed: f64 = 0;
  for (let row = chunkRow(ctx, firstChunk(ctx, party)); row < chunkRow(ctx, firstChunk(ctx, party + 1)); ++row) {
    let factor: f64 = 1;
    if (row >= network) factor = forDevices;
    else if (word(ctx, VARIANT) != 0) factor = (row & 7) == 0 || (row & 7) == 7 ? forV : 1;
    else if ((row & 3) == 0) factor = forV;
    else if ((row & 3) == 1) factor = currentFactor(ctx, row);
    else factor = flowFactor(ctx, row & ~1, small);
    store<f64>(word(ctx, AT_ROW_SUM) + (<usize>row << 3), factor);
    if (factor == 1) continue;
    changed = 1;
    for (let o = <usize>row * bytes; o < <usize>(row + 1) * bytes; o += 8) {
      const z = load<f64>(word(ctx, AT_Z) + o);
      store<f64>(word(ctx, AT_W) + o, z + (load<f64>(word(ctx, AT_W) + o) - z) / factor);
    }
  }
  store<f64>(word(ctx, AT_PARTY_MAX) + (<usize>party << 8), changed);
  if (!barrier(ctx)) return -1;
  for (let other = 0; other < <i32>word(ctx, PARTIES); ++other) {
    if (load<f64>(word(ctx, AT_PARTY_MAX) + (<usize>other << 8)) > 0) changed = 1;
  }
  if (party == 0) {
    setWord(ctx, ADAPT_LEFT, left - 1);
    setWord(ctx, ADAPT_NEXT, left > 1 ? iteration * 2 : 0);
    if (changed > 0) reweigh(ctx, rows, network);
  }
  if (!barrier(ctx)) return -1;
  return changed > 0 ? 1 : 0;
}

/** Applies the factors that the parties left in the row sums. */
function reweigh(ctx: usize, rows: i32, network: i32): void {
  const weights = word(ctx, AT_WEIGHT);
  for (let row = 0; row < rows; ++row) {
    const factor = load<f64>(word(ctx, AT_ROW_SUM) + (<usize>row << 3));
    store<f64>(weights + (<usize>row << 3), load<f64>(weights + (<usize>row << 3)) * factor);
    if (row >= network) {
      const at = word(ctx, AT_ROW) + <usize>(row - network) * (ROW_SIZE * 8) + ROW_INV * 8;
      store<f64>(at, load<f64>(at) / factor);
    }
  }
}

/** The weight follows the largest current of the day, between the first guess and all of the feeder's power. */
function currentFactor(ctx: usize, row: i32): f64 {
  const bytes = rowBytes(ctx);
  const z = word(ctx, AT_Z) + <usize>row * bytes;
  const bus = <usize>(row >> 2) << 3;
  const first = load<f64>(word(ctx, AT_FLOW_FIRST) + bus);
  const all = load<f64>(word(ctx, AT_FLOW_FIRST));
  let top = 0.25 * first * first;
  for (let o: usize = 0; o < bytes; o += 8) {
    const ell = load<f64>(z + o);
    if (ell > top) top = ell;
  }
  if (top > 0.25 * all * all) top = 0.25 * all * all;
  const flow = load<f64>(word(ctx, AT_FLOW) + bus);
  const expected = 0.25 * flow * flow;
  if (top <= ELL_BAND * expected && expected <= ELL_BAND * top) return 1;
  store<f64>(word(ctx, AT_FLOW) + bus, 2 * sqrt<f64>(top));
  return expected / top;
}

/** `row`: P of a line; its Q is the next. Both get the same factor: the cone needs equal weights. */
function flowFactor(ctx: usize, row: i32, small: f64): f64 {
  const bytes = rowBytes(ctx);
  const from = <usize>row * bytes;
  const f = word(ctx, AT_F) + from;
  const along = word(ctx, AT_Z_STEP) + from;
  let primal: f64 = 0;
  let dual: f64 = 0;
  for (let o: usize = 0; o < 2 * bytes; o += 8) {
    const step = load<f64>(along + o);
    const rest = abs<f64>(load<f64>(f + o) - step);
    if (rest > primal) primal = rest;
    if (abs<f64>(step) > dual) dual = abs<f64>(step);
  }
  const weight = load<f64>(word(ctx, AT_WEIGHT) + (<usize>row << 3));
  const scaled = primal / field(ctx, POWER_SCALE);
  const price = (dual * weight) / field(ctx, PRICE_MAX);
  return scaled > price ? balanced(scaled, price, FLOW_BAND, small) : 1;
}
