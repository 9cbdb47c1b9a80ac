// The condensed KKT matrix [P + GᵀW⁻²G + εI, Aᵀ; A, −δI] and its refined solution.
import { factorise } from '../sparse/frontal';
import { atF, getF, getI, setF } from '../sparse/memory';
import { solveFactored } from '../sparse/triangular';
import { axpy, copy, maxAbs } from '../sparse/vector';
import { branchAssemble } from './branch';
import { addCondensed, BRANCH, recoverDual, subtractConic, subtractEqualities } from './operators';
import { Plan } from './plan';

/** Writes the numbers that change with the scaling; A's entries stay as the host put them. */
export function assembleKkt(p: Plan): void {
  const values = p.kktVal;
  for (let j = 0; j < p.n; j++) setF(values, getI(p.diagIdx, j), getF(p.quad, j) + p.regPrimal);
  for (let i = 0; i < p.m; i++) setF(values, getI(p.diagIdx, p.n + i), -p.regDual);
  for (let e = 0; e < p.dynamicCount; e++) setF(values, getI(p.dynamicIdx, e), 0);
  for (let i = 0; i < p.nb; i++) {
    const at = atF(values, getI(p.diagIdx, getI(p.boundVar, i)));
    store<f64>(at, load<f64>(at) + getF(p.boundInv, i));
  }
  for (let c = 0; c < p.nc; c++) {
    if (getI(p.coneKind, c) == BRANCH) branchAssemble(p, c);
    else assembleCone(p, c);
  }
}

// GᵀW⁻²G = η⁻²(2 a aᵀ − GᵀJG) with a = GᵀJw
function assembleCone(p: Plan, c: i32): void {
  const first = getI(p.conePtr, c);
  const end = getI(p.conePtr, c + 1);
  const count = getI(p.coneVarPtr, c + 1) - getI(p.coneVarPtr, c);
  const eta = getF(p.coneEta, c);
  const factor = 1 / (eta * eta);
  const a = p.frontWork;
  let g = atF(p.coneG, getI(p.coneGPtr, c));
  for (let k = 0; k < count; k++) setF(a, k, getF(p.scale, first) * getF(g, k));
  for (let i = first + 1; i < end; i++) {
    g += (<usize>count) << 3;
    const w = getF(p.scale, i);
    for (let k = 0; k < count; k++) setF(a, k, getF(a, k) - w * getF(g, k));
  }
  let e = getI(p.pairPtr, c);
  for (let k = 0; k < count; k++) {
    const twice = 2 * getF(a, k);
    for (let other = 0; other <= k; other++) {
      const at = atF(p.kktVal, getI(p.pairIdx, e));
      store<f64>(at, load<f64>(at) + factor * (twice * getF(a, other) - getF(p.coneGJG, e)));
      e++;
    }
  }
}

export function factorKkt(p: Plan): void {
  assembleKkt(p);
  p.boosted = factorise(p);
}

// One pass of the condensed system for one or two right-hand sides (two = 0: none).
function solveOnce(p: Plan, rhsOne: usize, rhsTwo: usize, one: usize, two: usize): void {
  const size = p.n + p.m;
  condense(p, rhsOne, one);
  if (two) condense(p, rhsTwo, two);
  const work = p.solveWork;
  for (let i = 0; i < size; i++) {
    const at = work + ((<usize>getI(p.permOf, i)) << 4);
    store<f64>(at, getF(one, i));
    store<f64>(at, two ? getF(two, i) : 0, 8);
  }
  solveFactored(p);
  for (let i = 0; i < size; i++) {
    const at = work + ((<usize>getI(p.permOf, i)) << 4);
    setF(one, i, load<f64>(at));
    if (two) setF(two, i, load<f64>(at, 8));
  }
  recoverDual(p, one, atF(one, size));
  if (two) recoverDual(p, two, atF(two, size));
}

// out.x = rhs.x + GᵀW⁻² rhs.z, out.y = rhs.y; out.z keeps rhs.z
function condense(p: Plan, rhs: usize, out: usize): void {
  const size = p.n + p.m;
  copy(out, rhs, size + p.ns);
  addCondensed(p, atF(rhs, size), out, p.slackWork);
}

/** out = rhs − K u with the full, unregularised KKT operator [P Aᵀ Gᵀ; A 0 0; G 0 −W²]. */
function kktResidual(p: Plan, rhs: usize, u: usize, out: usize): void {
  const size = p.n + p.m;
  copy(out, rhs, size + p.ns);
  for (let j = 0; j < p.n; j++) setF(out, j, getF(out, j) - getF(p.quad, j) * getF(u, j));
  subtractEqualities(p, u, atF(u, p.n), atF(out, p.n), out);
  subtractConic(p, u, atF(u, size), out, atF(out, size));
}

/**
 * Solves the KKT system for one or two right-hand sides and refines against the full operator, so
 * that neither the regularisation nor the condensation shows in the answer. `goal` is the largest
 * absolute error of an equation that does not matter.
 */
export function solveKkt(p: Plan, rhsOne: usize, rhsTwo: usize, one: usize, two: usize, goal: f64): void {
  const total = p.n + p.m + p.ns;
  const size = p.n + p.m;
  solveOnce(p, rhsOne, rhsTwo, one, two);
  // rounding alone leaves about this much
  const goalOne = goal > 1e-12 ? goal : max(goal, 1e-14 * maxAbs(rhsOne, total));
  const goalTwo = !two ? 0 : goal > 1e-12 ? goal : max(goal, 1e-14 * maxAbs(rhsTwo, total));
  kktResidual(p, rhsOne, one, p.refineOne);
  if (two) kktResidual(p, rhsTwo, two, p.refineTwo);
  let errorOne = maxAbs(p.refineOne, total);
  let errorTwo = two ? maxAbs(p.refineTwo, total) : 0;
  for (let k = 0; k < p.refineMax; k++) {
    if (errorOne <= goalOne && errorTwo <= goalTwo) break;
    solveOnce(p, p.refineOne, two ? p.refineTwo : 0, p.correctOne, two ? p.correctTwo : 0);
    axpy(p.correctOne, 1, one, total);
    kktResidual(p, rhsOne, p.correctOne, p.refineOne);
    const nextOne = maxAbs(p.refineOne, total);
    const betterOne = nextOne < errorOne;
    if (betterOne) copy(one, p.correctOne, total);
    let betterTwo = false;
    let nextTwo: f64 = 0;
    if (two) {
      axpy(p.correctTwo, 1, two, total);
      kktResidual(p, rhsTwo, p.correctTwo, p.refineTwo);
      nextTwo = maxAbs(p.refineTwo, total);
      betterTwo = nextTwo < errorTwo;
      if (betterTwo) copy(two, p.correctTwo, total);
    }
    p.refineSteps += 1;
    const slow = !(nextOne < 0.5 * errorOne) && (!two || !(nextTwo < 0.5 * errorTwo));
    if (betterOne) errorOne = nextOne;
    if (betterTwo) errorTwo = nextTwo;
    if (slow || !betterOne || (two && !betterTwo)) break;
  }
  p.refineError = max(errorOne, errorTwo);
}
