// Dense kernels of one front. A panel is column-major with an even number of rows under the pivots,
// so that two rows always fit one vector; what is computed above a diagonal is never read.
import { getF, setF } from './memory';

// C[rows × 4] −= L[rows × depth] · W[4 × depth]ᵀ. `rows` is even; strides in bytes.
function updateFour(
  c: usize, cStride: usize, left: usize, leftStride: usize, w: usize, wStride: usize, rows: i32, depth: i32,
): void {
  const c1 = cStride;
  const c2 = cStride << 1;
  const c3 = c1 + c2;
  const w1 = w + wStride;
  const w2 = w1 + wStride;
  const w3 = w2 + wStride;
  const depthBytes = (<usize>depth) << 3;
  if (ASC_FEATURE_SIMD) {
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      let a0 = v128.load(c), b0 = v128.load(c, 16);
      let a1 = v128.load(c + c1), b1 = v128.load(c + c1, 16);
      let a2 = v128.load(c + c2), b2 = v128.load(c + c2, 16);
      let a3 = v128.load(c + c3), b3 = v128.load(c + c3, 16);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        const x = v128.load(column), y = v128.load(column, 16);
        const u0 = v128.load64_splat(w + p);
        a0 = f64x2.sub(a0, f64x2.mul(x, u0));
        b0 = f64x2.sub(b0, f64x2.mul(y, u0));
        const u1 = v128.load64_splat(w1 + p);
        a1 = f64x2.sub(a1, f64x2.mul(x, u1));
        b1 = f64x2.sub(b1, f64x2.mul(y, u1));
        const u2 = v128.load64_splat(w2 + p);
        a2 = f64x2.sub(a2, f64x2.mul(x, u2));
        b2 = f64x2.sub(b2, f64x2.mul(y, u2));
        const u3 = v128.load64_splat(w3 + p);
        a3 = f64x2.sub(a3, f64x2.mul(x, u3));
        b3 = f64x2.sub(b3, f64x2.mul(y, u3));
        column += leftStride;
      }
      v128.store(c, a0); v128.store(c, b0, 16);
      v128.store(c + c1, a1); v128.store(c + c1, b1, 16);
      v128.store(c + c2, a2); v128.store(c + c2, b2, 16);
      v128.store(c + c3, a3); v128.store(c + c3, b3, 16);
      c += 32;
      left += 32;
    }
    if (i < rows) {
      let a0 = v128.load(c), a1 = v128.load(c + c1), a2 = v128.load(c + c2), a3 = v128.load(c + c3);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        const x = v128.load(column);
        a0 = f64x2.sub(a0, f64x2.mul(x, v128.load64_splat(w + p)));
        a1 = f64x2.sub(a1, f64x2.mul(x, v128.load64_splat(w1 + p)));
        a2 = f64x2.sub(a2, f64x2.mul(x, v128.load64_splat(w2 + p)));
        a3 = f64x2.sub(a3, f64x2.mul(x, v128.load64_splat(w3 + p)));
        column += leftStride;
      }
      v128.store(c, a0);
      v128.store(c + c1, a1);
      v128.store(c + c2, a2);
      v128.store(c + c3, a3);
    }
  } else {
    for (let i = 0; i < rows; i++) {
      let a0 = load<f64>(c), a1 = load<f64>(c + c1), a2 = load<f64>(c + c2), a3 = load<f64>(c + c3);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        const x = load<f64>(column);
        a0 -= x * load<f64>(w + p);
        a1 -= x * load<f64>(w1 + p);
        a2 -= x * load<f64>(w2 + p);
        a3 -= x * load<f64>(w3 + p);
        column += leftStride;
      }
      store<f64>(c, a0);
      store<f64>(c + c1, a1);
      store<f64>(c + c2, a2);
      store<f64>(c + c3, a3);
      c += 8;
      left += 8;
    }
  }
}

// The same for one column.
function updateOne(c: usize, left: usize, leftStride: usize, w: usize, rows: i32, depth: i32): void {
  const depthBytes = (<usize>depth) << 3;
  if (ASC_FEATURE_SIMD) {
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      let a = v128.load(c), b = v128.load(c, 16);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        const u = v128.load64_splat(w + p);
        a = f64x2.sub(a, f64x2.mul(v128.load(column), u));
        b = f64x2.sub(b, f64x2.mul(v128.load(column, 16), u));
        column += leftStride;
      }
      v128.store(c, a);
      v128.store(c, b, 16);
      c += 32;
      left += 32;
    }
    if (i < rows) {
      let a = v128.load(c);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        a = f64x2.sub(a, f64x2.mul(v128.load(column), v128.load64_splat(w + p)));
        column += leftStride;
      }
      v128.store(c, a);
    }
  } else {
    for (let i = 0; i < rows; i++) {
      let a = load<f64>(c);
      let column = left;
      for (let p: usize = 0; p < depthBytes; p += 8) {
        a -= load<f64>(column) * load<f64>(w + p);
        column += leftStride;
      }
      store<f64>(c, a);
      c += 8;
      left += 8;
    }
  }
}

/**
 * Lower triangle of C −= L·Wᵀ for `columns` columns; C has `rows` (even) rows and leading dimension
 * `rows`; row i of L is `left + 8 i`, row j of W is `w + wStride j`.
 */
export function updateLower(
  c: usize, rows: i32, columns: i32, left: usize, leftStride: usize, w: usize, wStride: usize, depth: i32,
): void {
  const cStride = (<usize>rows) << 3;
  let j = 0;
  for (; j + 4 <= columns; j += 4) {
    const at = (<usize>j) << 3;
    updateFour(c + at, cStride, left + at, leftStride, w, wStride, rows - j, depth);
    c += cStride << 2;
    w += wStride << 2;
  }
  for (; j < columns; j++) {
    const start = j & ~1; // an even number of rows is left
    const at = (<usize>start) << 3;
    updateOne(c + at, left + at, leftStride, w, rows - start, depth);
    c += cStride;
    w += wStride;
  }
}

/** Pivots of one block are eliminated one by one; what is right of the block gets one update. */
const BLOCK = 8;

/**
 * LDLᵀ of the first `pivots` columns of a front, in place, with pivots of known sign. `packed` gets
 * L·D row by row (`pivots` a row) for the update block. Gives back how many pivots were replaced.
 */
export function factorPanel(
  panel: usize, ld: i32, pivots: i32, packed: usize, sign: usize, inverse: usize, floor: f64, boost: f64,
): i32 {
  const stride = (<usize>ld) << 3;
  const wStride = (<usize>pivots) << 3;
  let replaced = 0;
  for (let first = 0; first < pivots; first += BLOCK) {
    const last = min(first + BLOCK, pivots);
    for (let j = first; j < last; j++) {
      const column = panel + <usize>j * stride;
      if (j > first) {
        const start = (ld - j) & 1 ? j - 1 : j; // an even number of rows; the row above is never read
        const at = (<usize>start) << 3;
        updateOne(
          column + at, panel + <usize>first * stride + at, stride,
          packed + <usize>j * wStride + ((<usize>first) << 3), ld - start, j - first,
        );
      }
      let d = getF(column, j);
      const expected = getF(sign, j);
      if (!(d * expected > floor)) {
        d = expected * boost;
        setF(column, j, d);
        replaced++;
      }
      const inv = 1.0 / d;
      setF(inverse, j, inv);
      let w = packed + <usize>(j + 1) * wStride + ((<usize>j) << 3);
      for (let i = j + 1; i < ld; i++) {
        const u = getF(column, i);
        store<f64>(w, u);
        setF(column, i, u * inv);
        w += wStride;
      }
    }
    // columns of the panel to the right of the block
    const depth = last - first;
    let j = last;
    const block = panel + <usize>first * stride;
    for (; j + 4 <= pivots; j += 4) {
      const start = (ld - j) & 1 ? j - 1 : j;
      const at = (<usize>start) << 3;
      updateFour(
        panel + <usize>j * stride + at, stride, block + at, stride,
        packed + <usize>j * wStride + ((<usize>first) << 3), wStride, ld - start, depth,
      );
    }
    for (; j < pivots; j++) {
      const start = (ld - j) & 1 ? j - 1 : j;
      const at = (<usize>start) << 3;
      updateOne(
        panel + <usize>j * stride + at, block + at, stride,
        packed + <usize>j * wStride + ((<usize>first) << 3), ld - start, depth,
      );
    }
  }
  return replaced;
}
