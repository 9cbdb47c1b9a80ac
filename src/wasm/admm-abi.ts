/**
 * Mirror of assembly/abi.ts, where every constant is explained; test/wasm/admm-abi.test.ts compares the two.
 */
export const ABI_VERSION = 1;

// --- words (index × 4 bytes) --------------------------------------------------------------------
export const BUSES = 0;
export const PERIODS = 1;
export const ROWS = 2;
export const ENTITIES = 3;
export const PARTIES = 4;
export const DEPTH = 5;
export const CHECK_EVERY = 6;
export const VARIANT = 7;
export const SHARE_ON = 8;
export const CHUNKS = 9;
export const TOP_COUNT = 10;
export const NETWORK_ROWS = 11;
export const ADAPT_NEXT = 12;
export const ADAPT_LEFT = 13;
export const AT_W = 20;
export const AT_Z = 21;
export const AT_F = 22;
export const AT_W_PREV = 23;
export const AT_F_PREV = 24;
export const AT_Z_STEP = 25;
export const AT_RING_STEP = 26;
export const AT_RING_DIFF = 27;
export const AT_NODE = 28;
export const AT_TREE = 29;
export const AT_ROW = 30;
export const AT_ROW_OF_BUS = 31;
export const AT_ENTITY = 32;
export const AT_ENTITY_OF_BUS = 33;
export const AT_WEIGHT = 34;
export const AT_ROW_SUM = 35;
export const AT_ENTITY_COST = 36;
export const AT_LOAD_P = 37;
export const AT_LOAD_Q = 38;
export const AT_PARENT = 39;
export const AT_NU_PREV = 40;
export const AT_PARTY_MAX = 41;
export const AT_PARTIAL = 42;
export const AT_SCRATCH = 43;
export const SCRATCH_BYTES = 44;
export const AT_SEGMENT_OF_PARTY = 45;
export const AT_SEGMENT = 46;
export const AT_TOP = 47;
export const AT_TOP_OF_PARTY = 48;
export const AT_TOP_SHARE = 49;
export const AT_SHARE_ROW = 50;
export const AT_SHARE_STEP = 51;
export const AT_SHARE_NODE = 52;
export const AT_PATH = 53;
export const AT_CHILD_PTR = 54;
export const AT_CHILD = 55;
export const AT_FLOW = 57;
export const AT_FLOW_FIRST = 59;
export const AT_TRACE = 58;
export const AT_ENTITY_WARM = 56;
export const ITERATION = 70;
export const RING_COUNT = 71;
export const HAVE_PREV = 72;
export const WAS_ACCELERATED = 73;
export const STATUS = 74;
export const REJECTED = 75;
export const ACCELERATED = 76;
export const ADAPTED = 77;
export const TRACE_COUNT = 78;
export const TRACE_STRIDE = 79;
export const CHECKS = 80;
export const STATUS_RUNNING = 0;
export const STATUS_OPTIMAL = 1;
export const STATUS_STOPPED = 2;
export const STATUS_BROKEN = 3;
export const STATUS_POISONED = 4;
export const TRACE_POINTS = 400;

// --- doubles (index × 8 bytes from DOUBLES) -----------------------------------------------------
export const DOUBLES = 512;
export const ALPHA = 0;
export const REGULARIZATION = 1;
export const GROWTH = 2;
export const TOLERANCE = 3;
export const TOLERANCE_V = 4;
export const V_ROOT = 5;
export const ROOT_P_V = 6;
export const ROOT_Q_V = 7;
export const POWER_SCALE = 8;
export const SHARE_LIMIT = 9;
export const SHARE_NORM = 10;
export const SHARE_DUAL = 11;
export const CONSTANT = 12;
export const GAP_FLOOR = 13;
export const LAST_NORM = 14;
export const PRIMAL_POWER = 20;
export const PRIMAL_V = 21;
export const DUAL = 22;
export const GAP = 23;
export const OBJECTIVE = 24;
export const OBJECTIVE_Z = 25;
export const PRICE_MAX = 26;
export const PRICE_MOVE = 27;
export const NORM = 28;
export const GROUP_PRIMAL = 30;
export const GROUP_DUAL = 33;
export const COST_TERMS = 36;

// --- control words (index × 64 bytes from CONTROL) ----------------------------------------------
export const CONTROL = 1024;
export const ARRIVED = 0;
export const GENERATION = 1;
export const POISON = 2;
export const CANCEL = 3;
export const SEEN = 4;
export const CONTEXT_BYTES = 1408;

// --- tree record, one a bus: the line to its parent (doubles) -----------------------------------
export const TREE_SIZE = 34;
export const TREE_R = 0;
export const TREE_X = 1;
export const TREE_Z2 = 2;
export const TREE_INV_FLOW = 3;
export const TREE_INV_ELL = 4;
export const TREE_INV_K = 5;
export const TREE_OWN = 6;
export const TREE_UP = 8;
export const TREE_GAIN = 10;
export const TREE_PIVOT = 19;
export const TREE_W_V = 25;
export const TREE_W_ELL = 26;
export const TREE_W_FLOW = 27;
export const TREE_V_MIN = 28;
export const TREE_V_MAX = 29;
export const TREE_LIMIT = 30;
export const TREE_SHUNT = 31;
export const TREE_CONE_V = 32;

// --- device row record (doubles) ----------------------------------------------------------------
export const ROW_SIZE = 5;
export const ROW_P = 0;
export const ROW_Q = 1;
export const ROW_INV = 2;
export const ROW_OTHER = 3;
export const ROW_FOLLOWS = 4;

// --- devices ------------------------------------------------------------------------------------
export const ENTITY_WORDS = 4;
export const KIND_GENERATOR = 0;
export const KIND_SOLAR = 1;
export const KIND_SOLAR_INVERTER = 2;
export const KIND_BATTERY = 3;
export const KIND_BATTERY_INVERTER = 4;
export const KIND_SHAPABLE = 5;
export const KIND_SHED = 6;
