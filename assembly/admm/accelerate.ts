// Anderson acceleration of the fixed-point map w → w + alpha f(w), type II, with a bounded memory:
// the combination of the last steps that makes the weighted norm of f least, then the plain step from
// there. All sums run over fixed blocks of rows in fixed order, so that they do not depend on who
// computes which block.
import {
  DEPTH, ROWS, PARTIES, CHUNKS, AT_W, AT_F, AT_W_PREV, AT_F_PREV, AT_RING_STEP, AT_RING_DIFF, AT_WEIGHT, AT_PARTIAL,
  AT_SCRATCH, SCRATCH_BYTES, ALPHA, REGULARIZATION, PERIODS,
} from '../abi';
import { word, field, rowBytes } from './context';
import { add, sub, mul, splat } from '../lanes';

/** Rows in a block of the sums. */
const CHUNK: i32 = 32;

/** Doubles of scratch: Gram matrix, right-hand side, solution, work. */
// @ts-ignore: decorator
@inline
export function accelerationScratch(depth: i32): i32 {
  return 2 * depth * depth + 3 * depth;
}

// @ts-ignore: decorator
@inline
export function firstChunk(ctx: usize, party: i32): i32 {
  return <i32>((<i64>word(ctx, CHUNKS) * party) / <i64>word(ctx, PARTIES));
}

// @ts-ignore: decorator
@inline
export function chunkRow(ctx: usize, chunk: i32): i32 {
  const row = chunk * CHUNK;
  const rows = <i32>word(ctx, ROWS);
  return row < rows ? row : rows;
}

// @ts-ignore: decorator
@inline
function vectorBytes(ctx: usize): usize {
  return word(ctx, ROWS) * rowBytes(ctx);
}

/** w += alpha f and remembers both, for the first step after a start. */
export function plainStep(ctx: usize, party: i32): void {
  const bytes = rowBytes(ctx);
  const alpha = field(ctx, ALPHA);
  const from = <usize>chunkRow(ctx, firstChunk(ctx, party)) * bytes;
  const to = <usize>chunkRow(ctx, firstChunk(ctx, party + 1)) * bytes;
  const w = word(ctx, AT_W);
  const f = word(ctx, AT_F);
  const remember = word(ctx, DEPTH) > 0;
  const wPrev = word(ctx, AT_W_PREV);
  const fPrev = word(ctx, AT_F_PREV);
  for (let o = from; o < to; o += 8) {
    const a = load<f64>(w + o);
    const b = load<f64>(f + o);
    if (remember) {
      store<f64>(wPrev + o, a);
      store<f64>(fPrev + o, b);
    }
    store<f64>(w + o, a + alpha * b);
  }
}

/** Back to the plain step from the last accepted point. */
export function undoStep(ctx: usize, party: i32): void {
  const bytes = rowBytes(ctx);
  const alpha = field(ctx, ALPHA);
  const from = <usize>chunkRow(ctx, firstChunk(ctx, party)) * bytes;
  const to = <usize>chunkRow(ctx, firstChunk(ctx, party + 1)) * bytes;
  const w = word(ctx, AT_W);
  const wPrev = word(ctx, AT_W_PREV);
  const fPrev = word(ctx, AT_F_PREV);
  for (let o = from; o < to; o += 8) store<f64>(w + o, load<f64>(wPrev + o) + alpha * load<f64>(fPrev + o));
}

/** Puts the newest differences into slot `slot` and this party's blocks of the products into PARTIAL. */
export function recordStep(ctx: usize, party: i32, slot: i32, held: i32): void {
  const bytes = rowBytes(ctx);
  const depth = <i32>word(ctx, DEPTH);
  const alpha = field(ctx, ALPHA);
  const size = vectorBytes(ctx);
  const weights = word(ctx, AT_WEIGHT);
  for (let chunk = firstChunk(ctx, party); chunk < firstChunk(ctx, party + 1); ++chunk) {
    const partial = word(ctx, AT_PARTIAL) + ((<usize>chunk * depth) << 4);
    for (let j = 0; j < held; ++j) {
      store<f64>(partial + (<usize>j << 4), 0);
      store<f64>(partial + (<usize>j << 4) + 8, 0);
    }
    for (let row = chunkRow(ctx, chunk); row < chunkRow(ctx, chunk + 1); ++row) {
      const o = <usize>row * bytes;
      difference(ctx, o, bytes, word(ctx, AT_RING_STEP) + <usize>slot * size + o, word(ctx, AT_RING_DIFF) + <usize>slot * size + o, alpha);
      const weight = load<f64>(weights + (<usize>row << 3));
      const fresh = word(ctx, AT_RING_DIFF) + <usize>slot * size + o;
      for (let j = 0; j < held; ++j) {
        products(word(ctx, AT_RING_DIFF) + <usize>j * size + o, word(ctx, AT_F) + o, fresh, <i32>word(ctx, PERIODS), weight, partial + (<usize>j << 4));
      }
    }
  }
}

/** step = Δw + alpha Δf, diff = Δf on one row; w and f become the previous ones. */
function difference(ctx: usize, o: usize, bytes: usize, step: usize, diff: usize, alpha: f64): void {
  const w = word(ctx, AT_W) + o;
  const f = word(ctx, AT_F) + o;
  const wPrev = word(ctx, AT_W_PREV) + o;
  const fPrev = word(ctx, AT_F_PREV) + o;
  let k: usize = 0;
  if (ASC_FEATURE_SIMD) for (; k + 8 < bytes; k += 16) differenceLanes<v128>(w + k, f + k, wPrev + k, fPrev + k, step + k, diff + k, alpha);
  for (; k < bytes; k += 8) differenceLanes<f64>(w + k, f + k, wPrev + k, fPrev + k, step + k, diff + k, alpha);
}

// @ts-ignore: decorator
@inline
function differenceLanes<V>(w: usize, f: usize, wPrev: usize, fPrev: usize, step: usize, diff: usize, alpha: f64): void {
  const a = load<V>(w);
  const b = load<V>(f);
  const df = sub<V>(b, load<V>(fPrev));
  store<V>(step, add<V>(sub<V>(a, load<V>(wPrev)), mul<V>(splat<V>(alpha), df)));
  store<V>(diff, df);
  store<V>(wPrev, a);
  store<V>(fPrev, b);
}

/** out[0] += weight Σ a b, out[1] += weight Σ a c; even and odd periods apart. */
function products(a: usize, b: usize, c: usize, count: i32, weight: f64, out: usize): void {
  let t = 0;
  let even0: f64 = 0;
  let odd0: f64 = 0;
  let even1: f64 = 0;
  let odd1: f64 = 0;
  if (ASC_FEATURE_SIMD) {
    let sums0 = splat<v128>(0);
    let sums1 = splat<v128>(0);
    for (; t + 1 < count; t += 2) {
      const o = <usize>t << 3;
      const x = load<v128>(a + o);
      sums0 = add<v128>(sums0, mul<v128>(x, load<v128>(b + o)));
      sums1 = add<v128>(sums1, mul<v128>(x, load<v128>(c + o)));
    }
    even0 = f64x2.extract_lane(sums0, 0);
    odd0 = f64x2.extract_lane(sums0, 1);
    even1 = f64x2.extract_lane(sums1, 0);
    odd1 = f64x2.extract_lane(sums1, 1);
  }
  for (; t < count; ++t) {
    const o = <usize>t << 3;
    const x = load<f64>(a + o);
    if (t & 1) {
      odd0 += x * load<f64>(b + o);
      odd1 += x * load<f64>(c + o);
    } else {
      even0 += x * load<f64>(b + o);
      even1 += x * load<f64>(c + o);
    }
  }
  store<f64>(out, load<f64>(out) + weight * (even0 + odd0));
  store<f64>(out + 8, load<f64>(out + 8) + weight * (even1 + odd1));
}

/**
 * Adds up the blocks, brings this party's copy of the Gram matrix up to date and solves for the
 * combination. Every party does the same sums and gets the same numbers. Returns the address of the
 * `held` coefficients, 0 where the system is singular.
 */
export function combine(ctx: usize, party: i32, slot: i32, held: i32): usize {
  const depth = <usize>word(ctx, DEPTH);
  const gram = word(ctx, AT_SCRATCH) + <usize>party * word(ctx, SCRATCH_BYTES);
  const right = gram + ((depth * depth) << 3);
  const answer = right + (depth << 3);
  const work = answer + (depth << 3);
  for (let j: usize = 0; j < <usize>held; ++j) {
    let toF: f64 = 0;
    let toFresh: f64 = 0;
    for (let chunk: usize = 0; chunk < word(ctx, CHUNKS); ++chunk) {
      const at = word(ctx, AT_PARTIAL) + ((chunk * depth + j) << 4);
      toF += load<f64>(at);
      toFresh += load<f64>(at + 8);
    }
    store<f64>(right + (j << 3), toF);
    store<f64>(gram + ((<usize>slot * depth + j) << 3), toFresh);
    store<f64>(gram + ((j * depth + <usize>slot) << 3), toFresh);
  }
  return solve(gram, right, answer, work, depth, held, field(ctx, REGULARIZATION)) ? answer : 0;
}

/** Cholesky of gram + regularization·trace·I, then two triangular solves. False where a pivot is not positive. */
function solve(gram: usize, right: usize, answer: usize, work: usize, depth: usize, held: i32, regularization: f64): bool {
  const n = <usize>held;
  let trace: f64 = 0;
  for (let i: usize = 0; i < n; ++i) trace += load<f64>(gram + ((i * depth + i) << 3));
  const ridge = regularization * trace;
  for (let i: usize = 0; i < n; ++i) {
    for (let j: usize = 0; j <= i; ++j) {
      let sum = load<f64>(gram + ((i * depth + j) << 3)) + (i == j ? ridge : 0);
      for (let k: usize = 0; k < j; ++k) sum -= load<f64>(work + ((i * depth + k) << 3)) * load<f64>(work + ((j * depth + k) << 3));
      if (i == j) {
        if (!(sum > 0)) return false;
        store<f64>(work + ((i * depth + i) << 3), sqrt<f64>(sum));
      } else {
        store<f64>(work + ((i * depth + j) << 3), sum / load<f64>(work + ((j * depth + j) << 3)));
      }
    }
  }
  for (let i: usize = 0; i < n; ++i) {
    let sum = load<f64>(right + (i << 3));
    for (let k: usize = 0; k < i; ++k) sum -= load<f64>(work + ((i * depth + k) << 3)) * load<f64>(answer + (k << 3));
    store<f64>(answer + (i << 3), sum / load<f64>(work + ((i * depth + i) << 3)));
  }
  for (let i = <i32>n - 1; i >= 0; --i) {
    let sum = load<f64>(answer + (<usize>i << 3));
    for (let k = i + 1; k < <i32>n; ++k) {
      sum -= load<f64>(work + ((<usize>k * depth + <usize>i) << 3)) * load<f64>(answer + (<usize>k << 3));
    }
    store<f64>(answer + (<usize>i << 3), sum / load<f64>(work + ((<usize>i * depth + <usize>i) << 3)));
  }
  return true;
}

/** w += alpha f − Σ coefficient_j step_j on this party's rows; no coefficients: the plain step. */
export function applyStep(ctx: usize, party: i32, coefficients: usize, held: i32): void {
  const bytes = rowBytes(ctx);
  const alpha = field(ctx, ALPHA);
  const size = vectorBytes(ctx);
  const from = chunkRow(ctx, firstChunk(ctx, party));
  const to = chunkRow(ctx, firstChunk(ctx, party + 1));
  for (let row = from; row < to; ++row) {
    const first = <usize>row * bytes;
    let o = first;
    const end = first + bytes;
    if (ASC_FEATURE_SIMD) for (; o + 8 < end; o += 16) applyLanes<v128>(ctx, o, alpha, size, coefficients, held);
    for (; o < end; o += 8) applyLanes<f64>(ctx, o, alpha, size, coefficients, held);
  }
}

// @ts-ignore: decorator
@inline
function applyLanes<V>(ctx: usize, o: usize, alpha: f64, size: usize, coefficients: usize, held: i32): void {
  let value = add<V>(load<V>(word(ctx, AT_W) + o), mul<V>(splat<V>(alpha), load<V>(word(ctx, AT_F) + o)));
  if (coefficients != 0) {
    let ring = word(ctx, AT_RING_STEP) + o;
    for (let j = 0; j < held; ++j) {
      value = sub<V>(value, mul<V>(splat<V>(load<f64>(coefficients + (<usize>j << 3))), load<V>(ring)));
      ring += size;
    }
  }
  store<V>(word(ctx, AT_W) + o, value);
}
