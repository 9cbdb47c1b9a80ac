// Entry of the interior-point module: every export works on one Plan in imported memory.
import { factorKkt as factorPlan } from './ipm/kkt';
import { Plan } from './ipm/plan';
import { identityScaling, updateScaling } from './ipm/scaling';
import { initialise as initialisePlan, iterate as iteratePlan, updateResiduals } from './ipm/step';
import { factorise } from './sparse/frontal';
import { solveFactored } from './sparse/triangular';

/** Raised whenever Plan or an export changes its meaning. */
export function abiVersion(): i32 {
  return 1;
}

export function planBytes(): i32 {
  return <i32>offsetof<Plan>();
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
