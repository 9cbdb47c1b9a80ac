// The interface between the ADMM module and its host. src/wasm/admm-abi.ts mirrors every constant
// (a test compares them). The host plans all memory; a *context* is one block of 32-bit words and
// doubles that says where everything lies. Nothing here becomes a WebAssembly global.
//
//   context, bytes:   0            512                1024            1280
//                     | words      | doubles          | control       |
//
// Control words are touched with atomics only and keep a cache line each.

export const ABI_VERSION: i32 = 1;

// --- words (index × 4 bytes) --------------------------------------------------------------------
export const BUSES: i32 = 0; // N
export const PERIODS: i32 = 1; // T
export const ROWS: i32 = 2; // R: rows of T numbers in every state vector
export const ENTITIES: i32 = 3; // devices
export const PARTIES: i32 = 4; // threads that run this context together
export const DEPTH: i32 = 5; // memory of the acceleration; 0: off
export const CHECK_EVERY: i32 = 6; // iterations between looks at the stop rule
export const VARIANT: i32 = 7; // 0: tree projection, 1: bus by bus
export const SHARE_ON: i32 = 8; // 1: one coupling row (renewable share)
export const CHUNKS: i32 = 9; // fixed blocks of rows for sums
export const TOP_COUNT: i32 = 10; // buses and subtree roots handled by party 0 between barriers
export const NETWORK_ROWS: i32 = 11; // rows before the first device row: 4N (tree) or 8N (bus)
export const ADAPT_NEXT: i32 = 12; // iteration of the next weight update; 0: never again
export const ADAPT_LEFT: i32 = 13; // how many updates may still happen
// pointers (bytes)
export const AT_W: i32 = 20; // w, the fixed-point state
export const AT_Z: i32 = 21; // z, projection of w on the equations
export const AT_F: i32 = 22; // f = x − z
export const AT_W_PREV: i32 = 23;
export const AT_F_PREV: i32 = 24;
export const AT_Z_STEP: i32 = 25; // projection of w + f, minus z: the dual part of the residual
export const AT_RING_STEP: i32 = 26; // DEPTH vectors Δw + α Δf
export const AT_RING_DIFF: i32 = 27; // DEPTH vectors Δf
export const AT_NODE: i32 = 28; // 3 rows a bus: right-hand side, then (nuP, nuQ, v)
export const AT_TREE: i32 = 29; // one record a bus, TREE_* below
export const AT_ROW: i32 = 30; // one record a device row, ROW_* below
export const AT_ROW_OF_BUS: i32 = 31; // N + 1 words: device rows of bus i, as offsets from NETWORK_ROWS
export const AT_ENTITY: i32 = 32; // ENTITY_WORDS words a device
export const AT_ENTITY_OF_BUS: i32 = 33; // N + 1 words
export const AT_WEIGHT: i32 = 34; // R doubles
export const AT_ROW_SUM: i32 = 35; // R doubles
export const AT_ENTITY_COST: i32 = 36; // ENTITIES doubles: cost at x
export const AT_LOAD_P: i32 = 37;
export const AT_LOAD_Q: i32 = 38;
export const AT_PARENT: i32 = 39; // N words
export const AT_NU_PREV: i32 = 40; // N rows: prices at the last check
export const AT_PARTY_MAX: i32 = 41; // PARTIES × 32 doubles
export const AT_PARTIAL: i32 = 42; // CHUNKS × 2·DEPTH doubles
export const AT_SCRATCH: i32 = 43; // PARTIES × SCRATCH_BYTES
export const SCRATCH_BYTES: i32 = 44;
export const AT_SEGMENT_OF_PARTY: i32 = 45; // PARTIES + 1 words
export const AT_SEGMENT: i32 = 46; // pairs (first bus, past last bus)
export const AT_TOP: i32 = 47; // TOP_COUNT words, positions descending; bit 30 marks a subtree root
export const AT_TOP_OF_PARTY: i32 = 48; // PARTIES + 1 words
export const AT_TOP_SHARE: i32 = 49; // top buses in the parties' order
export const AT_SHARE_ROW: i32 = 50; // R doubles: the coupling row's coefficients
export const AT_SHARE_STEP: i32 = 51; // R doubles: the answer of z to it
export const AT_SHARE_NODE: i32 = 52; // 3N doubles
export const AT_PATH: i32 = 53; // N doubles: path impedance
export const AT_CHILD_PTR: i32 = 54; // N + 1 words (bus variant)
export const AT_CHILD: i32 = 55; // children in ascending order
export const AT_FLOW: i32 = 57; // N doubles: twice the typical flow of the line
export const AT_FLOW_FIRST: i32 = 59; // N doubles: FLOW before any update
export const AT_TRACE: i32 = 58; // TRACE_POINTS × 4 doubles: iteration, primal, dual, objective
export const AT_ENTITY_WARM: i32 = 56; // ENTITIES doubles: last multiplier of the shapable prox

// results and counters kept between calls
export const ITERATION: i32 = 70;
export const RING_COUNT: i32 = 71;
export const HAVE_PREV: i32 = 72;
export const WAS_ACCELERATED: i32 = 73;
export const STATUS: i32 = 74; // STATUS_* below
export const REJECTED: i32 = 75;
export const ACCELERATED: i32 = 76;
export const ADAPTED: i32 = 77;
export const TRACE_COUNT: i32 = 78;
export const TRACE_STRIDE: i32 = 79; // checks between points
export const CHECKS: i32 = 80;

export const STATUS_RUNNING: i32 = 0;
export const STATUS_OPTIMAL: i32 = 1;
export const STATUS_STOPPED: i32 = 2; // the host asked
export const STATUS_BROKEN: i32 = 3; // not a number
export const STATUS_POISONED: i32 = 4; // a party is gone

export const TRACE_POINTS: i32 = 400;

// --- doubles (index × 8 bytes from DOUBLES) -----------------------------------------------------
export const DOUBLES: i32 = 512;
export const ALPHA: i32 = 0; // over-relaxation
export const REGULARIZATION: i32 = 1; // of the acceleration, relative
export const GROWTH: i32 = 2; // residual growth an accelerated step may bring
export const TOLERANCE: i32 = 3;
export const TOLERANCE_V: i32 = 4; // on squared voltage
export const V_ROOT: i32 = 5;
export const ROOT_P_V: i32 = 6; // coupling of the root's balances to its fixed voltage
export const ROOT_Q_V: i32 = 7;
export const POWER_SCALE: i32 = 8; // S in pu
export const SHARE_LIMIT: i32 = 9;
export const SHARE_NORM: i32 = 10;
export const SHARE_DUAL: i32 = 11;
export const CONSTANT: i32 = 12; // cost that does not depend on the schedule
export const GAP_FLOOR: i32 = 13; // 1 $ in the scaled cost
export const LAST_NORM: i32 = 14;
// results of the last check
export const PRIMAL_POWER: i32 = 20;
export const PRIMAL_V: i32 = 21;
export const DUAL: i32 = 22;
export const GAP: i32 = 23;
export const OBJECTIVE: i32 = 24; // second-order accurate estimate
export const OBJECTIVE_Z: i32 = 25; // cost at z
export const PRICE_MAX: i32 = 26;
export const PRICE_MOVE: i32 = 27;
export const NORM: i32 = 28; // ‖f‖ in the weighted norm
export const GROUP_PRIMAL: i32 = 30; // three: v, flows, devices
export const GROUP_DUAL: i32 = 33;
export const COST_TERMS: i32 = 36;

// --- control words (index × 64 bytes from CONTROL) ----------------------------------------------
export const CONTROL: i32 = 1024;
export const ARRIVED: i32 = 0;
export const GENERATION: i32 = 1;
export const POISON: i32 = 2;
export const CANCEL: i32 = 3;
export const SEEN: i32 = 4;
export const CONTEXT_BYTES: i32 = 1408;

// --- tree record, one a bus: the line to its parent (doubles) -----------------------------------
export const TREE_SIZE: i32 = 34;
export const TREE_R: i32 = 0;
export const TREE_X: i32 = 1;
export const TREE_Z2: i32 = 2; // r² + x²
export const TREE_INV_FLOW: i32 = 3; // 1 / weight of P and Q
export const TREE_INV_ELL: i32 = 4; // 1 / weight of ell; 0 where the line has no impedance
export const TREE_INV_K: i32 = 5;
export const TREE_OWN: i32 = 6; // (g0, g1): how the drop's multiplier sees the child's prices
export const TREE_UP: i32 = 8; // (h0, h1): the parent's
export const TREE_GAIN: i32 = 10; // 3 × 3
export const TREE_PIVOT: i32 = 19; // inverse of the 3 × 3 pivot: PP PQ PV QQ QV VV
export const TREE_W_V: i32 = 25;
export const TREE_W_ELL: i32 = 26;
export const TREE_W_FLOW: i32 = 27;
export const TREE_V_MIN: i32 = 28;
export const TREE_V_MAX: i32 = 29;
export const TREE_LIMIT: i32 = 30;
export const TREE_SHUNT: i32 = 31;
export const TREE_CONE_V: i32 = 32; // weight the cone sees on v (bus variant: all copies)

// --- device row record (doubles) ----------------------------------------------------------------
export const ROW_SIZE: i32 = 5;
export const ROW_P: i32 = 0; // coefficient in the real balance
export const ROW_Q: i32 = 1; // in the reactive balance
export const ROW_INV: i32 = 2; // 1 / weight (of the pair, where two rows are one variable)
export const ROW_OTHER: i32 = 3; // share of the next row in a pair's mean; 0: no pair
export const ROW_FOLLOWS: i32 = 4; // 1: second row of a pair

// --- devices ------------------------------------------------------------------------------------
export const ENTITY_WORDS: i32 = 4; // kind, first row (from NETWORK_ROWS), parameters (bytes), bus
export const KIND_GENERATOR: i32 = 0; // p, q
export const KIND_SOLAR: i32 = 1; // p
export const KIND_SOLAR_INVERTER: i32 = 2; // p, q
export const KIND_BATTERY: i32 = 3; // net p
export const KIND_BATTERY_INVERTER: i32 = 4; // net p twice (chain, disc), q
export const KIND_SHAPABLE: i32 = 5; // p
export const KIND_SHED: i32 = 6; // p, q
