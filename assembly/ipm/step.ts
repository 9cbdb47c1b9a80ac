// One iteration of the homogeneous self-dual method for quadratic objectives: predictor, corrector,
// one common step length (Mehrotra 1992; embedding as in Goulart & Chen, Clarabel, 2024, sec. 2–3).
import { atF, getF, getI, setF } from '../sparse/memory';
import { axpy, clear, copy, dot, larger, maxAbs, maxWeighted, scaleInto } from '../sparse/vector';
import { factorKkt, solveKkt } from './kkt';
import { addG, addGTransposed, subtractEqualities } from './operators';
import { Plan } from './plan';
import { combinedShift, coneResidual, identityScaling, updateScaling } from './scaling';

/**
 * Residuals of the embedding at the present point, with the signs
 *   rx = −(P x + Aᵀy + Gᵀz + q τ),  ry = A x − b τ,  rz = s + G x − h τ,
 * and every number that the host's stopping test wants.
 */
export function updateResiduals(p: Plan): void {
  const n = p.n;
  const m = p.m;
  const x = p.point;
  const y = atF(x, n);
  const z = atF(y, m);
  const rx = p.residual;
  const ry = atF(rx, n);
  const rz = atF(ry, m);
  const tau = p.tau;
  clear(rx, n + m);
  subtractEqualities(p, x, y, ry, rx);
  addGTransposed(p, z, -1, rx); // rx = −(Aᵀy + Gᵀz), ry = −A x
  p.dualRayNorm = maxWeighted(rx, p.colWeight, n);
  let ray = maxWeighted(ry, p.rowWeight, m);
  copy(rz, p.slack, p.ns);
  addG(p, x, 1, rz);
  ray = max(ray, maxWeighted(rz, p.slackWeight, p.ns));
  let quad: f64 = 0;
  let cost: f64 = 0;
  let absolute: f64 = 0;
  let hidden: f64 = 0;
  for (let j = 0; j < n; j++) {
    const xj = getF(x, j);
    const px = getF(p.quad, j) * xj;
    const qx = getF(p.cost, j) * xj;
    quad += px * xj;
    cost += qx;
    absolute += Math.abs(qx) + (0.5 * px * xj) / tau;
    ray = larger(ray, Math.abs(px) * getF(p.colWeight, j));
    const left = getF(rx, j) - px - getF(p.cost, j) * tau;
    setF(rx, j, left);
    hidden = larger(hidden, Math.abs(left * xj));
  }
  for (let i = 0; i < m; i++) setF(ry, i, -getF(ry, i) - getF(p.rhs, i) * tau);
  axpy(rz, -tau, p.offset, p.ns);
  p.hiddenGap = hidden / (tau * tau);
  p.primalRayNorm = ray;
  p.quadTerm = quad;
  p.costTerm = cost;
  p.absCost = absolute / tau;
  p.rhsTerm = dot(p.rhs, y, m);
  p.offsetTerm = dot(p.offset, z, p.ns);
  p.primalNorm = max(maxWeighted(ry, p.rowWeight, m), maxWeighted(rz, p.slackWeight, p.ns)) / tau;
  p.dualNorm = maxWeighted(rx, p.colWeight, n) / tau;
  p.priceNorm = maxWeighted(y, p.priceWeight, m) / tau;
  p.mu = (dot(p.slack, z, p.ns) + tau * p.kappa) / <f64>(p.nb + p.nc + 1);
}

// Shift into the cone: least eigenvalue below a small positive number is lifted to one.
function shiftIntoCone(p: Plan, u: usize): void {
  let least: f64 = f64.MAX_VALUE;
  for (let i = 0; i < p.nb; i++) least = min(least, getF(u, i));
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    let tail: f64 = 0;
    for (let i = first + 1; i < end; i++) tail += getF(u, i) * getF(u, i);
    least = min(least, getF(u, first) - Math.sqrt(tail));
  }
  if (least > 1e-2) return;
  const lift = 1 - least;
  for (let i = 0; i < p.nb; i++) setF(u, i, getF(u, i) + lift);
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    setF(u, first, getF(u, first) + lift);
  }
}

/** First point: the equality-constrained least-squares problem with W = I, shifted into the cones. */
export function initialise(p: Plan): void {
  const size = p.n + p.m;
  identityScaling(p);
  factorKkt(p);
  const rhs = p.rhsStep;
  for (let j = 0; j < p.n; j++) setF(rhs, j, -getF(p.cost, j));
  copy(atF(rhs, p.n), p.rhs, p.m);
  copy(atF(rhs, size), p.offset, p.ns);
  solveKkt(p, rhs, 0, p.point, 0, p.refineShare);
  const z = atF(p.point, size);
  for (let i = 0; i < p.ns; i++) setF(p.slack, i, -getF(z, i));
  shiftIntoCone(p, p.slack);
  shiftIntoCone(p, z);
  p.tau = 1;
  p.kappa = 1;
  updateResiduals(p);
}

// Largest step ≤ limit that keeps u + α du in the cones.
function maxStep(p: Plan, u: usize, du: usize, limit: f64): f64 {
  let alpha = limit;
  for (let i = 0; i < p.nb; i++) {
    const d = getF(du, i);
    // multiplied out: a division only where the bound is the nearest so far
    if (-getF(u, i) > alpha * d) alpha = -getF(u, i) / d;
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const u0 = getF(u, first);
    const d0 = getF(du, first);
    let quadratic = d0 * d0;
    let linear = u0 * d0;
    for (let i = first + 1; i < end; i++) {
      const d = getF(du, i);
      quadratic -= d * d;
      linear -= getF(u, i) * d;
    }
    const constant = max(coneResidual(u, first, end), 0);
    if (d0 < 0) alpha = min(alpha, -u0 / d0);
    // roots of quadratic α² + 2 linear α + constant
    const discriminant = linear * linear - quadratic * constant;
    if (discriminant < 0) continue;
    const root = Math.sqrt(discriminant);
    if (linear < 0) {
      alpha = min(alpha, constant / (root - linear));
    } else if (quadratic < 0) {
      alpha = min(alpha, (linear + root) / -quadratic);
    }
  }
  return alpha;
}

// Step length of (x, y, z, s, τ, κ) along the direction in `step` and `slackStep`.
function stepLength(p: Plan, step: usize, dTau: f64, dKappa: f64): f64 {
  const size = p.n + p.m;
  let alpha: f64 = 1e30;
  if (dTau < 0) alpha = min(alpha, -p.tau / dTau);
  if (dKappa < 0) alpha = min(alpha, -p.kappa / dKappa);
  alpha = maxStep(p, p.slack, p.slackStep, alpha);
  return maxStep(p, atF(p.point, size), atF(step, size), alpha);
}

// dτ from the embedding's last row; `two` holds the solution for the constant right-hand side.
function tauStep(p: Plan, one: usize, two: usize, rhsTau: f64): f64 {
  const n = p.n;
  const m = p.m;
  const inv = 1 / p.tau;
  let top = rhsTau - dot(p.cost, one, n) - dot(p.rhs, atF(one, n), m) - dot(p.offset, atF(one, n + m), p.ns);
  let bottom = dot(p.cost, two, n) + dot(p.rhs, atF(two, n), m) + dot(p.offset, atF(two, n + m), p.ns) - p.kappa * inv;
  for (let j = 0; j < n; j++) {
    const quad = getF(p.quad, j);
    if (quad == 0) continue;
    const xi = getF(p.point, j) * inv;
    const xTwo = getF(two, j);
    top -= 2 * quad * xi * getF(one, j);
    bottom -= quad * ((xi - xTwo) * (xi - xTwo) - xTwo * xTwo);
  }
  return top / bottom;
}

// slackStep = rz' + h dτ − G dx, the primal row taken at its word
function recoverSlackStep(p: Plan, step: usize, residualShare: f64, dTau: f64): void {
  const rz = atF(p.residual, p.n + p.m);
  scaleInto(p.slackStep, dTau, p.offset, p.ns);
  axpy(p.slackStep, -residualShare, rz, p.ns);
  addG(p, step, -1, p.slackStep);
}

// rhsStep = share · (rx, −ry, −rz) with the shift of the complementarity rows added
function rightHandSide(p: Plan, share: f64, shift: usize): void {
  const size = p.n + p.m;
  scaleInto(p.rhsStep, share, p.residual, p.n);
  scaleInto(atF(p.rhsStep, p.n), -share, atF(p.residual, p.n), p.m + p.ns);
  axpy(atF(p.rhsStep, size), 1, shift, p.ns);
}

/**
 * One predictor–corrector iteration. Gives back 0; 1 when the scaling broke down; 2 when a number
 * stopped being finite. The step taken is in `alpha`.
 */
export function iterate(p: Plan): i32 {
  const n = p.n;
  const m = p.m;
  const size = n + m;
  const total = size + p.ns;
  p.refineSteps = 0;
  if (!updateScaling(p, atF(p.point, size))) return 1;
  factorKkt(p);
  const residual = p.residual;
  const tau = p.tau;
  const kappa = p.kappa;
  // constant direction: K u = (−q, b, h)
  scaleInto(p.rhsConst, -1, p.cost, n);
  copy(atF(p.rhsConst, n), p.rhs, m);
  copy(atF(p.rhsConst, size), p.offset, p.ns);
  // predictor: full residual, shift W(λ\λ∘λ) = s
  rightHandSide(p, 1, p.slack);
  // An error of the linear solve adds to the residuals: it must stay small beside what is left of them.
  const left = min(p.mu, maxAbs(residual, total));
  const goal = max(p.refineFloor * min(1.0, p.tau), p.refineShare * left); // tolerances speak of points over τ
  solveKkt(p, p.rhsStep, p.rhsConst, p.stepOne, p.stepTwo, goal);
  const gapRow = kappa + p.quadTerm / tau + p.costTerm + p.rhsTerm + p.offsetTerm;
  let dTau = tauStep(p, p.stepOne, p.stepTwo, kappa - gapRow);
  let dKappa = -kappa - (kappa / tau) * dTau;
  axpy(p.stepOne, dTau, p.stepTwo, total);
  recoverSlackStep(p, p.stepOne, 1, dTau);
  const affine = min(1.0, stepLength(p, p.stepOne, dTau, dKappa));
  p.alphaAffine = affine;
  const sigma = (1 - affine) * (1 - affine) * (1 - affine);
  p.sigma = sigma;
  // corrector
  const centre = sigma * p.mu;
  const share = 1 - sigma;
  combinedShift(p, p.slackStep, atF(p.stepOne, size), centre);
  const shiftKappa = kappa * tau + dKappa * dTau - centre;
  rightHandSide(p, share, p.slackShift);
  solveKkt(p, p.rhsStep, 0, p.stepOne, 0, goal);
  dTau = tauStep(p, p.stepOne, p.stepTwo, shiftKappa / tau - share * gapRow);
  dKappa = -(shiftKappa + kappa * dTau) / tau;
  axpy(p.stepOne, dTau, p.stepTwo, total);
  recoverSlackStep(p, p.stepOne, share, dTau);
  const alpha = min(1.0, p.stepFraction * stepLength(p, p.stepOne, dTau, dKappa));
  p.alpha = alpha;
  if (!(alpha > 0) || !isFinite(dTau)) return 2;
  axpy(p.point, alpha, p.stepOne, total);
  axpy(p.slack, alpha, p.slackStep, p.ns);
  p.tau = tau + alpha * dTau;
  p.kappa = kappa + alpha * dKappa;
  updateResiduals(p);
  return isFinite(p.mu) ? 0 : 2;
}
