// Entry of the interior-point module: every export works on one Plan in imported memory.
import { equilibrate as equilibratePlan } from './ipm/equilibrate';
import { factorKkt as factorPlan } from './ipm/kkt';
import { Plan } from './ipm/plan';
import { identityScaling, updateScaling } from './ipm/scaling';
import { initialise as initialisePlan, iterate as iteratePlan, updateResiduals } from './ipm/step';
import { Analysis } from './sparse/analysis';
import { factorise } from './sparse/frontal';
import { orderNodes } from './sparse/ordering';
import { buildAdjacency, describeFronts } from './sparse/structure';
import { formFronts } from './sparse/supernodes';
import { buildTree } from './sparse/tree';
import { solveFactored } from './sparse/triangular';

/** Raised whenever Plan or an export changes its meaning. */
export function abiVersion(): i32 {
  return 3;
}

export function planBytes(): i32 {
  return <i32>offsetof<Plan>();
}

/** Scales the numbers that the host has just put in place; `keep` ≠ 0: with the scaling found before. */
export function equilibrate(plan: usize, keep: i32): void {
  equilibratePlan(changetype<Plan>(plan), keep != 0);
}

export function initialise(plan: usize): void {
  initialisePlan(changetype<Plan>(plan));
}

export function iterate(plan: usize): i32 {
  return iteratePlan(changetype<Plan>(plan));
}

export function residuals(plan: usize): void {
  updateResiduals(changetype<Plan>(plan));
}

// The linear algebra alone, for tests against its TypeScript twin and for measurements.

export function factorValues(plan: usize): i32 {
  return factorise(changetype<Plan>(plan));
}

export function solveValues(plan: usize): void {
  solveFactored(changetype<Plan>(plan));
}

export function assembleAndFactor(plan: usize): void {
  const p = changetype<Plan>(plan);
  if (!updateScaling(p, p.point + ((<usize>(p.n + p.m)) << 3))) identityScaling(p);
  factorPlan(p);
}

// Symbolic analysis, in two halves: the host places the second half's arrays when it knows the rows.

export function analysisBytes(): i32 {
  return <i32>offsetof<Analysis>();
}

export function analyseTree(analysis: usize): void {
  const a = changetype<Analysis>(analysis);
  buildAdjacency(a);
  orderNodes(a);
  buildTree(a);
  formFronts(a);
}

export function analyseFronts(analysis: usize): void {
  describeFronts(changetype<Analysis>(analysis));
}
