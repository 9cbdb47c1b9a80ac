// The loop, as the paper's pseudo-code reads: z ← projection of w, x ← proxes at 2z − w, w ← w + alpha (x − z),
// with acceleration, its safeguard, weight updates and the stop rule. Every thread runs it on its part;
// every decision is made from numbers that are the same for all, so they stay in step.
import {
  AT_W, AT_Z, AT_SEGMENT_OF_PARTY, AT_TOP_OF_PARTY, AT_ROW_SUM, AT_WEIGHT, ROWS, DEPTH, CHECK_EVERY, VARIANT, SHARE_ON,

  ITERATION, RING_COUNT, HAVE_PREV, WAS_ACCELERATED, STATUS, REJECTED, ACCELERATED, ADAPTED, ADAPT_NEXT,
  STATUS_RUNNING, STATUS_OPTIMAL, STATUS_STOPPED, STATUS_BROKEN, STATUS_POISONED, CANCEL, SEEN,
  GROWTH, LAST_NORM, NORM, TOLERANCE, TOLERANCE_V, PRIMAL_POWER, PRIMAL_V, DUAL, GAP, PRICE_MOVE,
} from '../abi';
import { word, setWord, field, setField } from './context';
import { barrier, control } from './barrier';
import { projectAll, prepareShare, bound, segmentStart, segmentEnd, topShare } from './project';
import { blockX } from './xblock';
import { plainStep, undoStep, recordStep, combine, applyStep } from './accelerate';
import { check } from './check';
import { adapt } from './adapt';
import { factorTree } from '../tree/factor';
import { factorBuses } from './bus';


/** Factors with the present weights. One thread, before the first iteration and after a weight update. */
export function factor(ctx: usize): void {
  if (word(ctx, VARIANT) != 0) factorBuses(ctx);
  else factorTree(ctx);
  if (word(ctx, SHARE_ON) != 0) prepareShare(ctx);
}

/** z, prices and x at the present w. False: poisoned. */
export function evaluate(ctx: usize, party: i32): bool {
  if (!projectAll(ctx, party, word(ctx, AT_W), word(ctx, AT_Z))) return false;
  if (word(ctx, VARIANT) != 0 && !barrier(ctx)) return false;
  for (let s = bound(ctx, AT_SEGMENT_OF_PARTY, party); s < bound(ctx, AT_SEGMENT_OF_PARTY, party + 1); ++s) {
    for (let bus = segmentStart(ctx, s); bus < segmentEnd(ctx, s); ++bus) blockX(ctx, party, bus);
  }
  for (let k = bound(ctx, AT_TOP_OF_PARTY, party); k < bound(ctx, AT_TOP_OF_PARTY, party + 1); ++k) {
    blockX(ctx, party, topShare(ctx, k));
  }
  return barrier(ctx);
}

/** Runs until the stop rule holds, the host asks, or `most` iterations are done. Returns the status. */
export function iterate(ctx: usize, party: i32, most: i32): i32 {
  const first = <i32>word(ctx, ITERATION);
  for (let k = 1; k <= most; ++k) {
    const iteration = first + k;
    if (party == 0) atomic.store<i32>(control(ctx, SEEN), atomic.load<i32>(control(ctx, CANCEL)));
    if (!barrier(ctx)) return STATUS_POISONED;
    if (atomic.load<i32>(control(ctx, SEEN)) != 0) return finish(ctx, party, iteration - 1, STATUS_STOPPED);
    if (!evaluate(ctx, party)) return STATUS_POISONED;
    const norm = residualNorm(ctx);
    if (!(norm < Infinity)) return finish(ctx, party, iteration, STATUS_BROKEN);
    if (iteration % <i32>word(ctx, CHECK_EVERY) == 0) {
      if (!barrier(ctx)) return STATUS_POISONED;
      if (party == 0) setField(ctx, NORM, norm);
      if (!check(ctx, party, iteration)) return STATUS_POISONED;
      if (stops(ctx)) return finish(ctx, party, iteration, STATUS_OPTIMAL);
      if (iteration == <i32>word(ctx, ADAPT_NEXT)) {
        const outcome = adapt(ctx, party, iteration);
        if (outcome < 0) return STATUS_POISONED;
        if (outcome > 0) {
          if (party == 0) {
            factor(ctx);
            remember(ctx, 0, 0, 0, Infinity, ADAPTED);
          }
          continue;
        }
      }
    }
    if (!advance(ctx, party, norm)) return STATUS_POISONED;
  }
  return finish(ctx, party, first + most, STATUS_RUNNING);
}

/** Leaves z, prices and x of the last state behind. */
function finish(ctx: usize, party: i32, iteration: i32, status: i32): i32 {
  if (!barrier(ctx) || !evaluate(ctx, party)) return STATUS_POISONED;
  if (party == 0) {
    setWord(ctx, ITERATION, iteration);
    setWord(ctx, STATUS, status);
  }
  return barrier(ctx) ? status : STATUS_POISONED;
}

function residualNorm(ctx: usize): f64 {
  let sum: f64 = 0;
  for (let row: usize = 0; row < word(ctx, ROWS); ++row) {
    sum += load<f64>(word(ctx, AT_WEIGHT) + (row << 3)) * load<f64>(word(ctx, AT_ROW_SUM) + (row << 3));
  }
  return sqrt<f64>(sum);
}

/** model.md's tolerance, and prices that stood still since the last check. */
function stops(ctx: usize): bool {
  const tolerance = field(ctx, TOLERANCE);
  return (
    field(ctx, PRIMAL_POWER) <= tolerance &&
    field(ctx, PRIMAL_V) <= field(ctx, TOLERANCE_V) &&
    field(ctx, DUAL) <= tolerance &&
    field(ctx, GAP) <= tolerance &&
    field(ctx, PRICE_MOVE) <= 5 * tolerance
  );
}

/** One step of the fixed-point iteration. False: poisoned. */
function advance(ctx: usize, party: i32, norm: f64): bool {
  const depth = <i32>word(ctx, DEPTH);
  if (depth == 0) {
    plainStep(ctx, party);
    return barrier(ctx);
  }
  const count = <i32>word(ctx, RING_COUNT);
  const rejected = word(ctx, WAS_ACCELERATED) != 0 && !(norm <= field(ctx, GROWTH) * field(ctx, LAST_NORM));
  const havePrev = word(ctx, HAVE_PREV) != 0;
  if (!barrier(ctx)) return false;
  if (rejected) {
    undoStep(ctx, party);
    if (party == 0) remember(ctx, 0, 0, 0, field(ctx, LAST_NORM), REJECTED);
    return barrier(ctx);
  }
  if (!havePrev) {
    plainStep(ctx, party);
    if (party == 0) remember(ctx, count, 1, 0, norm, -1);
    return barrier(ctx);
  }
  const slot = count % depth;
  const held = count + 1 < depth ? count + 1 : depth;
  recordStep(ctx, party, slot, held);
  if (!barrier(ctx)) return false;
  const coefficients = combine(ctx, party, slot, held);
  applyStep(ctx, party, coefficients, held);
  if (party == 0) remember(ctx, count + 1, 1, coefficients != 0 ? 1 : 0, norm, coefficients != 0 ? ACCELERATED : -1);
  return barrier(ctx);
}

function remember(ctx: usize, count: i32, havePrev: i32, accelerated: i32, norm: f64, counter: i32): void {
  setWord(ctx, RING_COUNT, count);
  setWord(ctx, HAVE_PREV, havePrev);
  setWord(ctx, WAS_ACCELERATED, accelerated);
  setField(ctx, LAST_NORM, norm);
  if (counter >= 0) setWord(ctx, counter, <i32>word(ctx, counter) + 1);
}

