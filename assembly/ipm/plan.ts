// Memory map of one conic interior-point solver. The host plans every offset before the loop; the
// kernels allocate nothing and hold no state of their own. The order of the fields is mirrored by
// src/solver/ipm/abi.ts, and `planBytes` lets the host check that both agree.
//
//   minimise ½ xᵀPx + qᵀx   subject to  A x = b,  s = h − G x ∈ K
//
// KKT vectors are stored as [x (n) | y (m) | z (ns)]; z and s hold the nb bounds first, then the cones.

@unmanaged
export class Plan {
  // sizes
  n: i32; // variables
  m: i32; // equality rows
  nb: i32; // bounds
  nc: i32; // second-order cones
  ns: i32; // length of s
  fronts: i32; // supernodes of the factor
  dynamicCount: i32; // off-diagonal KKT entries that the cones fill
  refineMax: i32; // most steps of iterative refinement
  // problem data, scaled
  quad: usize; // P diagonal, n
  cost: usize; // q, n
  rhs: usize; // b, m
  offset: usize; // h, ns
  aPtr: usize; // CSR of A
  aCol: usize;
  aVal: usize;
  boundVar: usize; // nb
  boundSign: usize; // nb: G's entry, −1 lower, +1 upper
  coneKind: usize; // nc: 1 a branch cone, 0 any other
  conePtr: usize; // nc + 1, into s
  coneVarPtr: usize; // nc + 1, into coneVar
  coneVar: usize;
  coneG: usize; // dense d × k blocks, row-major
  coneGPtr: usize; // nc + 1, into coneG
  coneGJG: usize; // Gᵀ J G, pairs a ≥ b, in the order of pairIdx
  pairPtr: usize; // nc + 1, into pairIdx
  pairIdx: usize; // KKT value of the pair
  // KKT values and factor
  kktVal: usize; // in the order of the fronts
  diagIdx: usize; // n + m → KKT value
  aIdx: usize; // A's entries → KKT value
  dynamicIdx: usize;
  permOf: usize; // n + m → position in the elimination order
  pivotStart: usize; // fronts + 1
  rowPtr: usize; // fronts + 1, into rowIdx
  rowIdx: usize; // positions of the rows under the pivots
  panelAt: usize; // fronts: offset (in f64) of the panel in `factor`
  blockAt: usize; // fronts: offset (in f64) of the update block in `arena`
  childPtr: usize; // fronts + 1
  child: usize;
  relative: usize; // aligned with rowIdx: index of each row in the parent's front
  originPtr: usize; // fronts + 1, into kktVal and originDst
  originDst: usize; // offset (in f64) in the panel
  pivotSign: usize; // n + m, f64 ±1, in elimination order
  pivotInv: usize; // n + m, 1/D
  factor: usize;
  arena: usize;
  packed: usize; // L·D of one front, row-major
  solveWork: usize; // (n + m) × 2, the two right-hand sides side by side
  frontWork: usize; // rows of one front × 2
  // iterate and directions
  point: usize; // n + m + ns
  slack: usize; // ns
  residual: usize; // n + m + ns
  rhsStep: usize; // n + m + ns
  rhsConst: usize;
  stepOne: usize;
  stepTwo: usize;
  refineOne: usize;
  refineTwo: usize;
  correctOne: usize;
  correctTwo: usize;
  slackStep: usize; // ns
  slackShift: usize; // ns: W (λ \ d_s)
  slackWork: usize; // ns, scratch
  scale: usize; // ns: s/z for bounds, w for cones
  boundInv: usize; // nb: z/s
  coneEta: usize; // nc
  scaled: usize; // λ, ns
  // scaling: x = colScale·x′
  colScale: usize; // n
  rowScale: usize; // m
  coneScale: usize; // nc
  // weights that turn scaled residuals into what the tolerances speak about
  rowWeight: usize; // m; before equilibration the row's tolerance
  slackWeight: usize; // ns
  colWeight: usize; // n
  priceWeight: usize; // m
  // scalars in
  slackTolerance: f64; // the same for bounds and cones
  regPrimal: f64;
  regDual: f64;
  pivotFloor: f64;
  pivotBoost: f64;
  refineFloor: f64; // errors of the linear solves below this are never worth a refinement
  refineShare: f64; // else they may be this share of what is left to gain
  stepFraction: f64;
  // state
  tau: f64;
  kappa: f64;
  mu: f64;
  sigma: f64;
  alpha: f64;
  alphaAffine: f64;
  // scalars out
  objectiveScale: f64;
  quadTerm: f64; // xᵀPx
  costTerm: f64; // qᵀx
  rhsTerm: f64; // bᵀy
  offsetTerm: f64; // hᵀz
  absCost: f64; // Σ |q x| + ½ P x², over τ
  primalNorm: f64; // weighted, over τ
  dualNorm: f64;
  hiddenGap: f64; // largest |x · rx| over τ²: what the dual residual may hide from the gap
  dualRayNorm: f64; // weighted |Aᵀy + Gᵀz|, not over τ
  primalRayNorm: f64; // weighted |A x|, |G x + s| and |P x|, not over τ
  priceNorm: f64; // weighted |y|, over τ
  refineError: f64; // last relative residual of the linear solves
  refineSteps: f64;
  boosted: f64; // pivots that had to be replaced
}
