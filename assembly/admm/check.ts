// The stop rule's numbers. f = x − z splits into its part along the equations, Π(w + f) − z, which is
// what prices still have to move (the dual residual), and the rest, by how much x breaks the equations
// (the primal residual). Costs: f(x) + ⟨W(w − z), f⟩ is right to second order; the cost at z differs
// from it by the gap. Maxima need no order; sums run over rows and devices in order.
import {
  BUSES, ROWS, PARTIES, ENTITIES, PERIODS, NETWORK_ROWS, VARIANT, AT_W, AT_Z, AT_F, AT_Z_STEP, AT_NODE, AT_NU_PREV,
  AT_PARTY_MAX, AT_TREE, AT_WEIGHT, AT_ROW_SUM, AT_ENTITY, AT_ENTITY_COST, AT_ENTITY_OF_BUS, AT_ROW_OF_BUS, AT_PATH, AT_FLOW,
  AT_SEGMENT_OF_PARTY, AT_TOP_OF_PARTY, TREE_SIZE, TREE_Z2, ENTITY_WORDS,
  POWER_SCALE, CONSTANT, GAP_FLOOR, PRIMAL_POWER, PRIMAL_V, DUAL, GAP, OBJECTIVE, OBJECTIVE_Z, PRICE_MAX, PRICE_MOVE,
  GROUP_PRIMAL, GROUP_DUAL, COST_TERMS, SHARE_DUAL, AT_TRACE, TRACE_COUNT, TRACE_STRIDE, TRACE_POINTS, CHECKS,
} from '../abi';
import { word, field, setField, setWord, rowBytes } from './context';
import { barrier } from './barrier';
import { projectAll, bound, segmentStart, segmentEnd, topShare } from './project';
import { firstChunk, chunkRow } from './accelerate';
import { costAt } from './xblock';

// slots of a party's maxima
const MAX_V: i32 = 0; // primal on v
const MAX_FLOW: i32 = 1; // primal on P, Q
const MAX_ELL: i32 = 2; // primal on |z| ell
const MAX_DEVICE: i32 = 3;
const MAX_DUAL_V: i32 = 4; // prices: 2·path·W·step
const MAX_DUAL_FLOW: i32 = 5;
const MAX_DUAL_ELL: i32 = 6; // 2·flow·W·step: what the loss price of the line moves by
const MAX_DUAL_DEVICE: i32 = 7;
const MAX_PRICE: i32 = 8;
const MAX_MOVE: i32 = 9;
const SLOTS: i32 = 10;

// @ts-ignore: decorator
@inline
function slot(ctx: usize, party: i32, index: i32): usize {
  return word(ctx, AT_PARTY_MAX) + (<usize>party << 8) + (<usize>index << 3);
}

// @ts-ignore: decorator
@inline
function raise(at: usize, value: f64): void {
  // written so that a NaN gets in and stays
  if (!(value <= load<f64>(at))) store<f64>(at, value);
}

/** Fills the result fields of the context. False: poisoned. */
export function check(ctx: usize, party: i32, iteration: i32): bool {
  const bytes = rowBytes(ctx);
  for (let k = 0; k < SLOTS; ++k) store<f64>(slot(ctx, party, k), 0);
  pricesOfParty(ctx, party);
  const from = <usize>chunkRow(ctx, firstChunk(ctx, party)) * bytes;
  const to = <usize>chunkRow(ctx, firstChunk(ctx, party + 1)) * bytes;
  const step = word(ctx, AT_Z_STEP);
  for (let o = from; o < to; o += 8) store<f64>(step + o, load<f64>(word(ctx, AT_W) + o) + load<f64>(word(ctx, AT_F) + o));
  correctionOfParty(ctx, party);
  const shareDual = field(ctx, SHARE_DUAL);
  if (!barrier(ctx)) return false;
  const correction = sumRows(ctx);
  if (!barrier(ctx)) return false;
  if (!projectAll(ctx, party, step, step)) return false;
  if (!barrier(ctx)) return false;
  if (party == 0) setField(ctx, SHARE_DUAL, shareDual);
  for (let s = bound(ctx, AT_SEGMENT_OF_PARTY, party); s < bound(ctx, AT_SEGMENT_OF_PARTY, party + 1); ++s) {
    for (let bus = segmentStart(ctx, s); bus < segmentEnd(ctx, s); ++bus) residualsOfBus(ctx, party, bus);
  }
  for (let k = bound(ctx, AT_TOP_OF_PARTY, party); k < bound(ctx, AT_TOP_OF_PARTY, party + 1); ++k) {
    residualsOfBus(ctx, party, topShare(ctx, k));
  }
  if (!barrier(ctx)) return false;
  if (party == 0) {
    summarize(ctx, correction);
    trace(ctx, iteration);
  }
  return barrier(ctx);
}

/** Largest price and largest change of one since the last check, over the party's buses. */
function pricesOfParty(ctx: usize, party: i32): void {
  for (let s = bound(ctx, AT_SEGMENT_OF_PARTY, party); s < bound(ctx, AT_SEGMENT_OF_PARTY, party + 1); ++s) {
    for (let bus = segmentStart(ctx, s); bus < segmentEnd(ctx, s); ++bus) pricesOfBus(ctx, party, bus);
  }
  for (let k = bound(ctx, AT_TOP_OF_PARTY, party); k < bound(ctx, AT_TOP_OF_PARTY, party + 1); ++k) {
    pricesOfBus(ctx, party, topShare(ctx, k));
  }
}

function pricesOfBus(ctx: usize, party: i32, bus: i32): void {
  const bytes = rowBytes(ctx);
  const node = word(ctx, AT_NODE) + <usize>bus * 3 * bytes;
  const before = word(ctx, AT_NU_PREV) + <usize>bus * bytes;
  for (let o: usize = 0; o < bytes; o += 8) {
    const price = load<f64>(node + o);
    raise(slot(ctx, party, MAX_PRICE), abs<f64>(price));
    raise(slot(ctx, party, MAX_MOVE), abs<f64>(price - load<f64>(before + o)));
    store<f64>(before + o, price);
  }
}

/** Row sums of W (w − z) f. */
function correctionOfParty(ctx: usize, party: i32): void {
  const bytes = rowBytes(ctx);
  for (let row = chunkRow(ctx, firstChunk(ctx, party)); row < chunkRow(ctx, firstChunk(ctx, party + 1)); ++row) {
    const at = <usize>row * bytes;
    let sum: f64 = 0;
    for (let o = at; o < at + bytes; o += 8) {
      sum += (load<f64>(word(ctx, AT_W) + o) - load<f64>(word(ctx, AT_Z) + o)) * load<f64>(word(ctx, AT_F) + o);
    }
    store<f64>(word(ctx, AT_ROW_SUM) + (<usize>row << 3), sum * load<f64>(word(ctx, AT_WEIGHT) + (<usize>row << 3)));
  }
}

function sumRows(ctx: usize): f64 {
  let sum: f64 = 0;
  for (let row: usize = 0; row < word(ctx, ROWS); ++row) sum += load<f64>(word(ctx, AT_ROW_SUM) + (row << 3));
  return sum;
}

/** Z_STEP becomes Π(w + f) − z on row `row`; raises the maxima of its two parts, scaled. */
function residualsOfRow(ctx: usize, row: usize, primal: usize, primalScale: f64, dual: usize, dualScale: f64): void {
  const bytes = rowBytes(ctx);
  const o = row * bytes;
  const f = word(ctx, AT_F) + o;
  const z = word(ctx, AT_Z) + o;
  const step = word(ctx, AT_Z_STEP) + o;
  const weight = load<f64>(word(ctx, AT_WEIGHT) + (row << 3)) * dualScale;
  for (let k: usize = 0; k < bytes; k += 8) {
    const along = load<f64>(step + k) - load<f64>(z + k);
    store<f64>(step + k, along);
    raise(primal, abs<f64>(load<f64>(f + k) - along) * primalScale);
    raise(dual, abs<f64>(along) * weight);
  }
}

function residualsOfBus(ctx: usize, party: i32, bus: i32): void {
  const record = word(ctx, AT_TREE) + <usize>bus * (TREE_SIZE * 8);
  const z = sqrt<f64>(load<f64>(record + TREE_Z2 * 8));
  const path = load<f64>(word(ctx, AT_PATH) + (<usize>bus << 3));
  const flow = load<f64>(word(ctx, AT_FLOW) + (<usize>bus << 3));
  const perLine: usize = word(ctx, VARIANT) != 0 ? 8 : 4;
  const first = <usize>bus * perLine;
  if (bus != 0) {
    for (let k: usize = 0; k < perLine; ++k) {
      // rows 0 and 7 are voltages, 1 and 4 currents, the others flows
      if (k == 0 || k == 7) residualsOfRow(ctx, first + k, slot(ctx, party, MAX_V), 1, slot(ctx, party, MAX_DUAL_V), 2 * path);
      else if (k == 1 || k == 4) residualsOfRow(ctx, first + k, slot(ctx, party, MAX_ELL), z, slot(ctx, party, MAX_DUAL_ELL), flow);
      else residualsOfRow(ctx, first + k, slot(ctx, party, MAX_FLOW), 1, slot(ctx, party, MAX_DUAL_FLOW), 1);
    }
  }
  const index = word(ctx, AT_ROW_OF_BUS) + (<usize>bus << 2);
  for (let row = load<i32>(index); row < load<i32>(index + 4); ++row) {
    const at = <usize>row + word(ctx, NETWORK_ROWS);
    residualsOfRow(ctx, at, slot(ctx, party, MAX_DEVICE), 1, slot(ctx, party, MAX_DUAL_DEVICE), 1);
  }
}

function largest(ctx: usize, index: i32): f64 {
  let value: f64 = 0;
  for (let party = 0; party < <i32>word(ctx, PARTIES); ++party) {
    const other = load<f64>(slot(ctx, party, index));
    if (!(other <= value)) value = other;
  }
  return value;
}

// @ts-ignore: decorator
@inline
function above(a: f64, b: f64): f64 {
  return a >= b || a != a ? a : b;
}

function summarize(ctx: usize, correction: f64): void {
  const bytes = rowBytes(ctx);
  let costX: f64 = field(ctx, CONSTANT);
  let costZ: f64 = costX;
  let terms: f64 = abs<f64>(costX);
  for (let entity = 0; entity < <i32>word(ctx, ENTITIES); ++entity) {
    const row = <usize>load<i32>(word(ctx, AT_ENTITY) + <usize>entity * (ENTITY_WORDS * 4) + 4) + word(ctx, NETWORK_ROWS);
    const cost = load<f64>(word(ctx, AT_ENTITY_COST) + (<usize>entity << 3));
    costX += cost;
    terms += abs<f64>(cost);
    costZ += costAt(ctx, entity, word(ctx, AT_Z) + row * bytes);
  }
  const scale = field(ctx, POWER_SCALE);
  const price = above(largest(ctx, MAX_PRICE), 1e-12);
  const flow = above(above(largest(ctx, MAX_FLOW), largest(ctx, MAX_ELL)), 0);
  const device = largest(ctx, MAX_DEVICE);
  const dualFlow = above(largest(ctx, MAX_DUAL_FLOW), largest(ctx, MAX_DUAL_ELL));
  const objective = costX + correction;
  const floor = field(ctx, GAP_FLOOR);
  setField(ctx, PRIMAL_V, largest(ctx, MAX_V));
  setField(ctx, PRIMAL_POWER, above(flow, device) / scale);
  setField(ctx, DUAL, above(above(largest(ctx, MAX_DUAL_V), dualFlow), largest(ctx, MAX_DUAL_DEVICE)) / price);
  setField(ctx, GAP, abs<f64>(costZ - objective) / (terms > floor ? terms : floor));
  setField(ctx, OBJECTIVE, objective);
  setField(ctx, OBJECTIVE_Z, costZ);
  setField(ctx, COST_TERMS, terms);
  setField(ctx, PRICE_MAX, price);
  setField(ctx, PRICE_MOVE, largest(ctx, MAX_MOVE) / price);
  setField(ctx, GROUP_PRIMAL, largest(ctx, MAX_V) * 10);
  setField(ctx, GROUP_PRIMAL + 1, flow / scale);
  setField(ctx, GROUP_PRIMAL + 2, device / scale);
  setField(ctx, GROUP_DUAL, largest(ctx, MAX_DUAL_V) / price);
  setField(ctx, GROUP_DUAL + 1, dualFlow / price);
  setField(ctx, GROUP_DUAL + 2, largest(ctx, MAX_DUAL_DEVICE) / price);
}

/** Keeps a point of the convergence curve; a full list loses every other point and fills half as fast. */
function trace(ctx: usize, iteration: i32): void {
  const checks = <i32>word(ctx, CHECKS);
  setWord(ctx, CHECKS, checks + 1);
  if (checks % <i32>word(ctx, TRACE_STRIDE) != 0) return;
  let count = <i32>word(ctx, TRACE_COUNT);
  const points = word(ctx, AT_TRACE);
  if (count == TRACE_POINTS) {
    count >>= 1;
    for (let k = 0; k < count; ++k) memory.copy(points + (<usize>k << 5), points + (<usize>(2 * k) << 5), 32);
    setWord(ctx, TRACE_STRIDE, <i32>word(ctx, TRACE_STRIDE) * 2);
  }
  const at = points + (<usize>count << 5);
  store<f64>(at, <f64>iteration);
  store<f64>(at + 8, above(field(ctx, PRIMAL_POWER), field(ctx, PRIMAL_V) * 10));
  store<f64>(at + 16, field(ctx, DUAL));
  store<f64>(at + 24, field(ctx, OBJECTIVE));
  setWord(ctx, TRACE_COUNT, count + 1);
}
