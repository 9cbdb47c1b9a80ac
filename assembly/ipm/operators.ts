// A, Aᵀ, G, Gᵀ and the scaling W² applied to vectors, fused where one pass will do.
import { atF, getF, getI, setF } from '../sparse/memory';
import { branchAddG, branchAddTransposed, branchCondense, branchRecover, branchResidual } from './branch';
import { Plan } from './plan';

/** coneKind: which code a cone takes. */
export const BRANCH = 1;

// @ts-ignore: decorator
@inline
function addTo(out: usize, index: i32, value: f64): void {
  const at = atF(out, index);
  store<f64>(at, load<f64>(at) + value);
}

/** outRow −= A x and outCol −= Aᵀ y in one pass over A. */
export function subtractEqualities(p: Plan, x: usize, y: usize, outRow: usize, outCol: usize): void {
  let column = p.aCol;
  let value = p.aVal;
  for (let row = 0; row < p.m; row++) {
    const end = p.aCol + ((<usize>getI(p.aPtr, row + 1)) << 2);
    const dual = getF(y, row);
    let sum: f64 = 0;
    for (; column < end; column += 4) {
      const j = (<usize>load<i32>(column)) << 3;
      const a = load<f64>(value);
      value += 8;
      sum += a * load<f64>(x + j);
      store<f64>(outCol + j, load<f64>(outCol + j) - a * dual);
    }
    setF(outRow, row, getF(outRow, row) - sum);
  }
}

/** out += alpha · G x */
export function addG(p: Plan, x: usize, alpha: f64, out: usize): void {
  for (let i = 0; i < p.nb; i++) {
    addTo(out, i, alpha * getF(p.boundSign, i) * getF(x, getI(p.boundVar, i)));
  }
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) branchAddG(p, c, x, alpha, out);
    else coneAddG(p, c, x, alpha, out);
  }
}

/** out += alpha · Gᵀ z */
export function addGTransposed(p: Plan, z: usize, alpha: f64, out: usize): void {
  for (let i = 0; i < p.nb; i++) addTo(out, getI(p.boundVar, i), alpha * getF(p.boundSign, i) * getF(z, i));
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) branchAddTransposed(p, c, z, alpha, out);
    else coneAddTransposed(p, c, z, alpha, out);
  }
}

/** out += Gᵀ W⁻² r; `work` (ns) is scratch. */
export function addCondensed(p: Plan, r: usize, out: usize, work: usize): void {
  for (let i = 0; i < p.nb; i++) {
    addTo(out, getI(p.boundVar, i), getF(p.boundSign, i) * getF(r, i) * getF(p.boundInv, i));
  }
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) {
      branchCondense(p, c, r, out);
    } else {
      coneApplyInverse(p, c, r, work);
      coneAddTransposed(p, c, work, 1, out);
    }
  }
}

/** z = W⁻²(G x − z) in place. */
export function recoverDual(p: Plan, x: usize, z: usize): void {
  for (let i = 0; i < p.nb; i++) {
    setF(z, i, (getF(p.boundSign, i) * getF(x, getI(p.boundVar, i)) - getF(z, i)) * getF(p.boundInv, i));
  }
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) {
      branchRecover(p, c, x, z);
    } else {
      for (let i = getI(p.conePtr, c); i < getI(p.conePtr, c + 1); i++) setF(z, i, -getF(z, i));
      coneAddG(p, c, x, 1, z);
      coneApplyInverse(p, c, z, z);
    }
  }
}

/** outZ −= G x − W² z and out −= Gᵀ z. */
export function subtractConic(p: Plan, x: usize, z: usize, out: usize, outZ: usize): void {
  for (let i = 0; i < p.nb; i++) {
    const column = getI(p.boundVar, i);
    const sign = getF(p.boundSign, i);
    const zi = getF(z, i);
    addTo(outZ, i, getF(p.scale, i) * zi - sign * getF(x, column));
    addTo(out, column, -sign * zi);
  }
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) {
      branchResidual(p, c, x, z, out, outZ);
    } else {
      coneAddG(p, c, x, -1, outZ);
      coneAddScaled(p, c, z, outZ);
      coneAddTransposed(p, c, z, -1, out);
    }
  }
}

function coneAddG(p: Plan, c: i32, x: usize, alpha: f64, out: usize): void {
  const end = getI(p.conePtr, c + 1);
  const varFirst = getI(p.coneVarPtr, c);
  const varEnd = getI(p.coneVarPtr, c + 1);
  let g = atF(p.coneG, getI(p.coneGPtr, c));
  for (let i = getI(p.conePtr, c); i < end; i++) {
    let sum: f64 = 0;
    for (let k = varFirst; k < varEnd; k++) {
      sum += load<f64>(g) * getF(x, getI(p.coneVar, k));
      g += 8;
    }
    addTo(out, i, alpha * sum);
  }
}

function coneAddTransposed(p: Plan, c: i32, z: usize, alpha: f64, out: usize): void {
  const end = getI(p.conePtr, c + 1);
  const varFirst = getI(p.coneVarPtr, c);
  const varEnd = getI(p.coneVarPtr, c + 1);
  let g = atF(p.coneG, getI(p.coneGPtr, c));
  for (let i = getI(p.conePtr, c); i < end; i++) {
    const value = alpha * getF(z, i);
    for (let k = varFirst; k < varEnd; k++) {
      addTo(out, getI(p.coneVar, k), load<f64>(g) * value);
      g += 8;
    }
  }
}

// out += W² z = η²(2wwᵀ − J) z
function coneAddScaled(p: Plan, c: i32, z: usize, out: usize): void {
  const first = getI(p.conePtr, c);
  const end = getI(p.conePtr, c + 1);
  const eta = getF(p.coneEta, c);
  const factor = eta * eta;
  let inner: f64 = 0;
  for (let i = first; i < end; i++) inner += getF(p.scale, i) * getF(z, i);
  const twice = 2 * inner;
  addTo(out, first, factor * (twice * getF(p.scale, first) - getF(z, first)));
  for (let i = first + 1; i < end; i++) addTo(out, i, factor * (twice * getF(p.scale, i) + getF(z, i)));
}

// out = W⁻² z = η⁻²(2(Jw)(Jw)ᵀ − J) z
function coneApplyInverse(p: Plan, c: i32, z: usize, out: usize): void {
  const first = getI(p.conePtr, c);
  const end = getI(p.conePtr, c + 1);
  const eta = getF(p.coneEta, c);
  const factor = 1 / (eta * eta);
  let inner = getF(p.scale, first) * getF(z, first);
  for (let i = first + 1; i < end; i++) inner -= getF(p.scale, i) * getF(z, i);
  const twice = 2 * inner;
  setF(out, first, factor * (twice * getF(p.scale, first) - getF(z, first)));
  for (let i = first + 1; i < end; i++) setF(out, i, factor * (getF(z, i) - twice * getF(p.scale, i)));
}
