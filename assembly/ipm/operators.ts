// A, Aᵀ, G, Gᵀ and the scaling W² applied to vectors.
import { atF, getF, getI, setF } from '../sparse/memory';
import { Plan } from './plan';

/** outRow −= A x and outCol −= Aᵀ y in one pass over A. */
export function subtractEqualities(p: Plan, x: usize, y: usize, outRow: usize, outCol: usize): void {
  let e = 0;
  for (let row = 0; row < p.m; row++) {
    const end = getI(p.aPtr, row + 1);
    const dual = getF(y, row);
    let sum: f64 = 0;
    for (; e < end; e++) {
      const column = getI(p.aCol, e);
      const a = getF(p.aVal, e);
      sum += a * getF(x, column);
      setF(outCol, column, getF(outCol, column) - a * dual);
    }
    setF(outRow, row, getF(outRow, row) - sum);
  }
}

/** out += alpha · G x */
export function addG(p: Plan, x: usize, alpha: f64, out: usize): void {
  for (let i = 0; i < p.nb; i++) {
    setF(out, i, getF(out, i) + alpha * getF(p.boundSign, i) * getF(x, getI(p.boundVar, i)));
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const varFirst = getI(p.coneVarPtr, c);
    const count = getI(p.coneVarPtr, c + 1) - varFirst;
    let g = atF(p.coneG, getI(p.coneGPtr, c));
    if (count == 4) {
      // the branch cone over (v, ell, P, Q): nearly all cones are one
      const vars = p.coneVar + ((<usize>varFirst) << 2);
      const x0 = alpha * getF(x, getI(vars, 0));
      const x1 = alpha * getF(x, getI(vars, 1));
      const x2 = alpha * getF(x, getI(vars, 2));
      const x3 = alpha * getF(x, getI(vars, 3));
      for (let i = first; i < end; i++) {
        const sum = load<f64>(g) * x0 + load<f64>(g, 8) * x1 + load<f64>(g, 16) * x2 + load<f64>(g, 24) * x3;
        setF(out, i, getF(out, i) + sum);
        g += 32;
      }
      continue;
    }
    for (let i = first; i < end; i++) {
      let sum: f64 = 0;
      for (let k = 0; k < count; k++) {
        sum += load<f64>(g) * getF(x, getI(p.coneVar, varFirst + k));
        g += 8;
      }
      setF(out, i, getF(out, i) + alpha * sum);
    }
  }
}

/** out += alpha · Gᵀ z */
export function addGTransposed(p: Plan, z: usize, alpha: f64, out: usize): void {
  for (let i = 0; i < p.nb; i++) {
    const column = getI(p.boundVar, i);
    setF(out, column, getF(out, column) + alpha * getF(p.boundSign, i) * getF(z, i));
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const varFirst = getI(p.coneVarPtr, c);
    const count = getI(p.coneVarPtr, c + 1) - varFirst;
    let g = atF(p.coneG, getI(p.coneGPtr, c));
    if (count == 4) {
      let sum0: f64 = 0;
      let sum1: f64 = 0;
      let sum2: f64 = 0;
      let sum3: f64 = 0;
      for (let i = first; i < end; i++) {
        const value = alpha * getF(z, i);
        sum0 += load<f64>(g) * value;
        sum1 += load<f64>(g, 8) * value;
        sum2 += load<f64>(g, 16) * value;
        sum3 += load<f64>(g, 24) * value;
        g += 32;
      }
      const vars = p.coneVar + ((<usize>varFirst) << 2);
      addTo(out, getI(vars, 0), sum0);
      addTo(out, getI(vars, 1), sum1);
      addTo(out, getI(vars, 2), sum2);
      addTo(out, getI(vars, 3), sum3);
      continue;
    }
    for (let i = first; i < end; i++) {
      const value = alpha * getF(z, i);
      for (let k = 0; k < count; k++) {
        addTo(out, getI(p.coneVar, varFirst + k), load<f64>(g) * value);
        g += 8;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(out: usize, index: i32, value: f64): void {
  const at = atF(out, index);
  store<f64>(at, load<f64>(at) + value);
}

/** out += alpha · W² z; a bound has W² = s/z, a cone η²(2wwᵀ − J). */
export function addScaled(p: Plan, z: usize, alpha: f64, out: usize): void {
  for (let i = 0; i < p.nb; i++) setF(out, i, getF(out, i) + (alpha * getF(z, i)) * getF(p.scale, i));
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const eta = getF(p.coneEta, c);
    let inner = getF(p.scale, first) * getF(z, first);
    for (let i = first + 1; i < end; i++) inner += getF(p.scale, i) * getF(z, i);
    const factor = alpha * eta * eta;
    const twice = 2 * inner;
    setF(out, first, getF(out, first) + factor * (twice * getF(p.scale, first) - getF(z, first)));
    for (let i = first + 1; i < end; i++) {
      setF(out, i, getF(out, i) + factor * (twice * getF(p.scale, i) + getF(z, i)));
    }
  }
}

/** out = W⁻² z (in place is allowed); for a cone η⁻²(2(Jw)(Jw)ᵀ − J). */
export function applyInverseScaled(p: Plan, z: usize, out: usize): void {
  for (let i = 0; i < p.nb; i++) setF(out, i, getF(z, i) / getF(p.scale, i));
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const eta = getF(p.coneEta, c);
    let inner = getF(p.scale, first) * getF(z, first);
    for (let i = first + 1; i < end; i++) inner -= getF(p.scale, i) * getF(z, i);
    const factor = 1 / (eta * eta);
    const twice = 2 * inner;
    setF(out, first, factor * (twice * getF(p.scale, first) - getF(z, first)));
    for (let i = first + 1; i < end; i++) setF(out, i, factor * (getF(z, i) - twice * getF(p.scale, i)));
  }
}
