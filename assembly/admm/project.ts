// z-block of the whole feeder by several threads: subtrees in parallel, the top of the tree by party 0
// between two barriers. With one party the same steps run in the same order.
import {
  PARTIES, VARIANT, TOP_COUNT, AT_TOP, AT_TOP_OF_PARTY, AT_TOP_SHARE, AT_SEGMENT, AT_SEGMENT_OF_PARTY, AT_NODE,
  SHARE_ON, ROWS, AT_SHARE_ROW, AT_SHARE_STEP, AT_SHARE_NODE, AT_ROW_SUM, SHARE_LIMIT, SHARE_NORM, SHARE_DUAL, BUSES, PERIODS, AT_WEIGHT, AT_Z_STEP,
} from '../abi';
import { word, field, setField, rowBytes } from './context';
import { barrier } from './barrier';
import { gather, sweepUp, sweepDown, solveRoot, spread } from '../tree/sweep';
import { projectBusLocal } from './bus';

const SUBTREE_ROOT: i32 = 1 << 30;

/** First and past-last segment (or top share) of a party: `index` is AT_SEGMENT_OF_PARTY or AT_TOP_OF_PARTY. */
// @ts-ignore: decorator
@inline
export function bound(ctx: usize, index: i32, party: i32): i32 {
  return load<i32>(word(ctx, index) + (<usize>party << 2));
}

// @ts-ignore: decorator
@inline
export function segmentStart(ctx: usize, segment: i32): i32 {
  return load<i32>(word(ctx, AT_SEGMENT) + (<usize>segment << 3));
}

// @ts-ignore: decorator
@inline
export function segmentEnd(ctx: usize, segment: i32): i32 {
  return load<i32>(word(ctx, AT_SEGMENT) + (<usize>segment << 3) + 4);
}

// @ts-ignore: decorator
@inline
export function topShare(ctx: usize, index: i32): i32 {
  return load<i32>(word(ctx, AT_TOP_SHARE) + (<usize>index << 2));
}

/**
 * output = projection of input on the equations. A party reads rows that others wrote: the caller
 * separates it from earlier writes of `input` by a barrier. False: poisoned.
 */
export function projectAll(ctx: usize, party: i32, input: usize, output: usize): bool {
  if (word(ctx, VARIANT) != 0) {
    projectLocally(ctx, party, input, output);
    return word(ctx, SHARE_ON) == 0 || projectShare(ctx, party, output);
  }
  const from = bound(ctx, AT_SEGMENT_OF_PARTY, party);
  const to = bound(ctx, AT_SEGMENT_OF_PARTY, party + 1);
  for (let s = from; s < to; ++s) {
    const first = segmentStart(ctx, s);
    const end = segmentEnd(ctx, s);
    for (let bus = end - 1; bus >= first; --bus) gather(ctx, input, bus, false);
    for (let bus = end - 1; bus >= first; --bus) sweepUp(ctx, input, bus, true, bus > first);
  }
  const top = <i32>word(ctx, TOP_COUNT);
  if (party == 0) {
    for (let k = 0; k < top; ++k) {
      const bus = load<i32>(word(ctx, AT_TOP) + (<usize>k << 2));
      if (!(bus & SUBTREE_ROOT)) gather(ctx, input, bus, false);
    }
  }
  if (!barrier(ctx)) return false;
  if (party == 0) {
    for (let k = 0; k < top; ++k) {
      const bus = load<i32>(word(ctx, AT_TOP) + (<usize>k << 2));
      if (bus & SUBTREE_ROOT) sweepUp(ctx, input, bus & ~SUBTREE_ROOT, false, true);
      else if (bus != 0) sweepUp(ctx, input, bus, true, true);
    }
    solveRoot(ctx, false);
    for (let k = top - 1; k >= 0; --k) {
      const bus = load<i32>(word(ctx, AT_TOP) + (<usize>k << 2));
      if (!(bus & SUBTREE_ROOT) && bus != 0) sweepDown(ctx, bus);
    }
  }
  if (!barrier(ctx)) return false;
  for (let s = from; s < to; ++s) {
    for (let bus = segmentStart(ctx, s); bus < segmentEnd(ctx, s); ++bus) {
      sweepDown(ctx, bus);
      spread(ctx, input, output, bus, false);
    }
  }
  for (let k = bound(ctx, AT_TOP_OF_PARTY, party); k < bound(ctx, AT_TOP_OF_PARTY, party + 1); ++k) {
    spread(ctx, input, output, topShare(ctx, k), false);
  }
  return word(ctx, SHARE_ON) == 0 || projectShare(ctx, party, output);
}

/**
 * Projection on the equations AND one inequality over the whole feeder and day: from the point on the
 * equations, a step along the (precomputed) answer of the equations to that row, if it is violated.
 */
function projectShare(ctx: usize, party: i32, output: usize): bool {
  if (!barrier(ctx)) return false;
  const bytes = rowBytes(ctx);
  const periods = <i32>word(ctx, PERIODS);
  const rows = <i32>word(ctx, ROWS);
  const parties = <i32>word(ctx, PARTIES);
  const first = <i32>((<i64>rows * party) / parties);
  const end = <i32>((<i64>rows * (party + 1)) / parties);
  for (let row = first; row < end; ++row) {
    const k = load<f64>(word(ctx, AT_SHARE_ROW) + (<usize>row << 3));
    let sum: f64 = 0;
    if (k != 0) for (let o: usize = 0; o < bytes; o += 8) sum += load<f64>(output + <usize>row * bytes + o);
    store<f64>(word(ctx, AT_ROW_SUM) + (<usize>row << 3), k * sum);
  }
  if (!barrier(ctx)) return false;
  let total: f64 = 0;
  for (let row = 0; row < rows; ++row) total += load<f64>(word(ctx, AT_ROW_SUM) + (<usize>row << 3));
  const missing = field(ctx, SHARE_LIMIT) - total;
  const theta = missing > 0 ? missing / field(ctx, SHARE_NORM) : 0;
  if (party == 0) setField(ctx, SHARE_DUAL, theta);
  for (let row = first; row < end; ++row) {
    const step = theta * load<f64>(word(ctx, AT_SHARE_STEP) + (<usize>row << 3));
    const at = output + <usize>row * bytes;
    for (let o: usize = 0; o < bytes; o += 8) store<f64>(at + o, load<f64>(at + o) + step);
  }
  const nodes = <i32>word(ctx, BUSES) * 3;
  const firstNode = <i32>((<i64>nodes * party) / parties);
  const endNode = <i32>((<i64>nodes * (party + 1)) / parties);
  for (let row = firstNode; row < endNode; ++row) {
    const step = theta * load<f64>(word(ctx, AT_SHARE_NODE) + (<usize>row << 3));
    const at = word(ctx, AT_NODE) + <usize>row * bytes;
    for (let t = 0; t < periods; ++t) store<f64>(at + (<usize>t << 3), load<f64>(at + (<usize>t << 3)) + step);
  }
  return barrier(ctx);
}

/** Peng & Low: every bus projects on its own equations. */
function projectLocally(ctx: usize, party: i32, input: usize, output: usize): void {
  for (let s = bound(ctx, AT_SEGMENT_OF_PARTY, party); s < bound(ctx, AT_SEGMENT_OF_PARTY, party + 1); ++s) {
    for (let bus = segmentStart(ctx, s); bus < segmentEnd(ctx, s); ++bus) projectBusLocal(ctx, input, output, bus, false);
  }
  for (let k = bound(ctx, AT_TOP_OF_PARTY, party); k < bound(ctx, AT_TOP_OF_PARTY, party + 1); ++k) {
    projectBusLocal(ctx, input, output, topShare(ctx, k), false);
  }
}

/**
 * What the coupling row needs: SHARE_STEP, the projection of its weighted coefficients on the linear
 * part of the equations (the same in every period), its prices, and the row's gain. Serial; after
 * every factorisation. Uses Z_STEP and the node rows as workspace.
 */
export function prepareShare(ctx: usize): void {
  const bytes = rowBytes(ctx);
  const rows = <i32>word(ctx, ROWS);
  const buses = <i32>word(ctx, BUSES);
  const work = word(ctx, AT_Z_STEP);
  for (let row = 0; row < rows; ++row) {
    const o = <usize>row << 3;
    const value = load<f64>(word(ctx, AT_SHARE_ROW) + o) / load<f64>(word(ctx, AT_WEIGHT) + o);
    for (let t: usize = 0; t < bytes; t += 8) store<f64>(work + <usize>row * bytes + t, value);
  }
  if (word(ctx, VARIANT) != 0) {
    for (let bus = 0; bus < buses; ++bus) projectBusLocal(ctx, work, work, bus, true);
  } else {
    for (let bus = buses - 1; bus >= 0; --bus) gather(ctx, work, bus, true);
    for (let bus = buses - 1; bus > 0; --bus) sweepUp(ctx, work, bus, true, true);
    solveRoot(ctx, true);
    for (let bus = 1; bus < buses; ++bus) sweepDown(ctx, bus);
    for (let bus = 0; bus < buses; ++bus) spread(ctx, work, work, bus, true);
  }
  let norm: f64 = 0;
  for (let row = 0; row < rows; ++row) {
    const o = <usize>row << 3;
    const step = load<f64>(work + <usize>row * bytes);
    store<f64>(word(ctx, AT_SHARE_STEP) + o, step);
    norm += load<f64>(word(ctx, AT_SHARE_ROW) + o) * step;
  }
  for (let row = 0; row < buses * 3; ++row) {
    store<f64>(word(ctx, AT_SHARE_NODE) + (<usize>row << 3), load<f64>(word(ctx, AT_NODE) + <usize>row * bytes));
  }
  setField(ctx, SHARE_NORM, norm * <f64>word(ctx, PERIODS));
}
