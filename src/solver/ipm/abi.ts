/**
 * Mirror of `Plan` in assembly/ipm/plan.ts: the same fields in the same order. `planBytes()` of the
 * module is compared with `PLAN_BYTES` when it is loaded.
 */
const SIZES = ['n', 'm', 'nb', 'nc', 'ns', 'fronts', 'dynamicCount', 'refineMax'] as const;

const POINTERS = [
  'quad',
  'cost',
  'rhs',
  'offset',
  'aPtr',
  'aCol',
  'aVal',
  'boundVar',
  'boundSign',
  'coneKind',
  'conePtr',
  'coneVarPtr',
  'coneVar',
  'coneG',
  'coneGPtr',
  'coneGJG',
  'pairPtr',
  'pairIdx',
  'kktVal',
  'diagIdx',
  'aIdx',
  'dynamicIdx',
  'permOf',
  'pivotStart',
  'rowPtr',
  'rowIdx',
  'panelAt',
  'blockAt',
  'childPtr',
  'child',
  'relative',
  'originPtr',
  'originDst',
  'pivotSign',
  'pivotInv',
  'factor',
  'arena',
  'packed',
  'solveWork',
  'frontWork',
  'point',
  'slack',
  'residual',
  'rhsStep',
  'rhsConst',
  'stepOne',
  'stepTwo',
  'refineOne',
  'refineTwo',
  'correctOne',
  'correctTwo',
  'slackStep',
  'slackShift',
  'slackWork',
  'scale',
  'boundInv',
  'coneEta',
  'scaled',
  'colScale',
  'rowScale',
  'coneScale',
  'rowWeight',
  'slackWeight',
  'colWeight',
  'priceWeight',
] as const;

const SCALARS = [
  'slackTolerance',
  'regPrimal',
  'regDual',
  'pivotFloor',
  'pivotBoost',
  'refineFloor',
  'refineShare',
  'stepFraction',
  'tau',
  'kappa',
  'mu',
  'sigma',
  'alpha',
  'alphaAffine',
  'objectiveScale',
  'quadTerm',
  'costTerm',
  'rhsTerm',
  'offsetTerm',
  'absCost',
  'primalNorm',
  'dualNorm',
  'hiddenGap',
  'dualRayNorm',
  'primalRayNorm',
  'priceNorm',
  'refineError',
  'refineSteps',
  'boosted',
] as const;

export type PlanSize = (typeof SIZES)[number];
export type PlanPointer = (typeof POINTERS)[number];
export type PlanScalar = (typeof SCALARS)[number];

const WORDS = [...SIZES, ...POINTERS];
const SCALAR_START = Math.ceil(WORDS.length / 2) * 8;

export const ABI_VERSION = 3;
export const PLAN_BYTES = SCALAR_START + SCALARS.length * 8;

/** Byte offset of each 32-bit field. */
export const WORD_AT = Object.fromEntries(WORDS.map((name, k) => [name, 4 * k])) as Record<
  PlanSize | PlanPointer,
  number
>;

/** Byte offset of each f64 field. */
export const SCALAR_AT = Object.fromEntries(SCALARS.map((name, k) => [name, SCALAR_START + 8 * k])) as Record<
  PlanScalar,
  number
>;
