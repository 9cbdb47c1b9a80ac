import { CrowdwattError } from '../../../errors.js';
import { type IpmKernel, type KernelTarget, openKernel } from '../kernel.js';
import { planArena } from './arena.js';

/** A symmetric sparsity pattern: each pair of positions once, in either order; every diagonal once. */
export interface SymmetricPattern {
  readonly size: number;
  readonly row: Int32Array;
  readonly column: Int32Array;
}

/**
 * All that a multifrontal LDLᵀ needs to know before it sees a number; reused as long as the pattern
 * stays. Offsets are counted in f64. assembly/sparse/frontal.ts is the numeric half.
 */
export interface SymbolicFactor {
  readonly size: number;
  readonly fronts: number;
  /** Index in the pattern → position in the elimination order. */
  readonly permOf: Int32Array;
  readonly pivotStart: Int32Array;
  /** Rows under the pivots of each front, ascending positions. */
  readonly rowPtr: Int32Array;
  readonly rowIdx: Int32Array;
  /** For each of those rows its index in the parent's front. */
  readonly relative: Int32Array;
  readonly childPtr: Int32Array;
  readonly child: Int32Array;
  readonly panelAt: Int32Array;
  readonly blockAt: Int32Array;
  readonly factorLength: number;
  readonly arenaLength: number;
  /** Entry of the pattern → index in the value array, which is sorted by front. */
  readonly valueAt: Int32Array;
  readonly originPtr: Int32Array;
  /** Offset of each value in its front's panel. */
  readonly originDst: Int32Array;
  readonly packedLength: number;
  readonly frontRowsMax: number;
  /** Entries of L, explicit zeros included, and multiplications of one factorisation. */
  readonly nonzeros: number;
  readonly flops: number;
}

/** Mirror of `Analysis` in assembly/sparse/analysis.ts, in its order; numbers are plain fields. */
const FIELDS = [
  'size',
  'edges',
  'entries',
  'fronts',
  'entryRow',
  'entryColumn',
  'start',
  'neighbour',
  'pool',
  'poolLength',
  'poolEnd',
  'stampBase',
  'leastDegree',
  'remaining',
  'kind',
  'at',
  'length',
  'elementCount',
  'weight',
  'degree',
  'stamp',
  'bucket',
  'next',
  'previous',
  'hashHead',
  'hashOf',
  'memberNext',
  'memberLast',
  'order',
  'position',
  'lowerPtr',
  'lower',
  'parent',
  'under',
  'groupOf',
  'pivots',
  'rows',
  'groupParent',
  'into',
  'rank',
  'permOf',
  'pivotStart',
  'frontParent',
  'rowPtr',
  'childPtr',
  'child',
  'frontOf',
  'local',
  'rowIdx',
  'relative',
  'originPtr',
  'originDst',
  'valueAt',
  'entryOf',
] as const;

type Field = (typeof FIELDS)[number];

/** Arrays of `size` (or one more) numbers, in the first half. */
const FIRST_NODE_ARRAY = FIELDS.indexOf('kind');
const LAST_NODE_ARRAY = FIELDS.indexOf('local');

const BASE = 1024;

/** The analysis' own memory: given back when `analyse` returns. */
class AnalysisMemory {
  readonly kernel: IpmKernel;
  private end = BASE + FIELDS.length * 4;

  constructor(bytes: number, target?: KernelTarget) {
    this.kernel = openKernel(bytes + this.end, target);
    const expected = this.kernel.analysisBytes();
    if (expected !== FIELDS.length * 4) {
      throw new CrowdwattError('kernel/abi', `ipm kernel's analysis has ${expected} bytes: run the build again`);
    }
  }

  private field(name: Field): Int32Array {
    return new Int32Array(this.kernel.memory.buffer, BASE + FIELDS.indexOf(name) * 4, 1);
  }

  set(name: Field, value: number): void {
    this.field(name)[0] = value;
  }

  get(name: Field): number {
    return this.field(name)[0]!;
  }

  place(name: Field, length: number): void {
    this.set(name, this.end);
    this.end += length * 4;
    const short = this.end - this.kernel.memory.buffer.byteLength;
    if (short > 0) this.kernel.memory.grow(Math.ceil(short / 65536));
  }

  array(name: Field, length: number): Int32Array {
    return new Int32Array(this.kernel.memory.buffer, this.get(name), length);
  }
}

/**
 * Orders, finds the fronts and describes them (assembly/sparse: ordering, tree, supernodes, structure).
 */
export function analyse(pattern: SymmetricPattern, target?: KernelTarget): SymbolicFactor {
  const { size, row, column } = pattern;
  const entries = row.length;
  const edges = 2 * (entries - size);
  const nodeArrays = LAST_NODE_ARRAY - FIRST_NODE_ARRAY + 1;
  const poolLength = edges + (edges >> 2) + 2 * size + 16;
  const memory = new AnalysisMemory(4 * (2 * entries + poolLength + 2 * edges + (nodeArrays + 1) * (size + 1)), target);
  memory.set('size', size);
  memory.set('edges', edges);
  memory.set('entries', entries);
  memory.set('poolLength', poolLength);
  memory.place('entryRow', entries);
  memory.place('entryColumn', entries);
  memory.place('start', size + 1);
  memory.place('neighbour', edges);
  memory.place('pool', poolLength);
  for (let k = FIRST_NODE_ARRAY; k <= LAST_NODE_ARRAY; k++) {
    const name = FIELDS[k]!;
    memory.place(name, name === 'lower' ? edges / 2 : size + 1);
  }
  memory.array('entryRow', entries).set(row);
  memory.array('entryColumn', entries).set(column);
  memory.kernel.analyseTree(BASE);
  const fronts = memory.get('fronts');
  const rowTotal = memory.array('rowPtr', fronts + 1)[fronts]!;
  memory.place('rowIdx', rowTotal);
  memory.place('relative', rowTotal);
  memory.place('originPtr', fronts + 1);
  memory.place('originDst', entries);
  memory.place('valueAt', entries);
  memory.place('entryOf', entries);
  memory.kernel.analyseFronts(BASE);
  const copy = (name: Field, length: number): Int32Array => memory.array(name, length).slice();
  const pivotStart = copy('pivotStart', fronts + 1);
  const rowPtr = copy('rowPtr', fronts + 1);
  const childPtr = copy('childPtr', fronts + 1);
  const child = copy('child', childPtr[fronts]!);
  return {
    size,
    fronts,
    permOf: copy('permOf', size),
    pivotStart,
    rowPtr,
    rowIdx: copy('rowIdx', rowTotal),
    relative: copy('relative', rowTotal),
    childPtr,
    child,
    valueAt: copy('valueAt', entries),
    originPtr: copy('originPtr', fronts + 1),
    originDst: copy('originDst', entries),
    ...placeFronts(pivotStart, rowPtr, childPtr, child),
  };
}

type Placed = Pick<
  SymbolicFactor,
  'panelAt' | 'blockAt' | 'factorLength' | 'arenaLength' | 'packedLength' | 'frontRowsMax' | 'nonzeros' | 'flops'
>;

/** Where each front's panel and update block go: rows under the pivots padded to an even number. */
function placeFronts(pivotStart: Int32Array, rowPtr: Int32Array, childPtr: Int32Array, child: Int32Array): Placed {
  const fronts = pivotStart.length - 1;
  const panelAt = new Int32Array(fronts);
  const blockLength = new Int32Array(fronts);
  let factorLength = 0;
  let packedLength = 1;
  let frontRowsMax = 1;
  let nonzeros = 0;
  let flops = 0;
  for (let f = 0; f < fronts; f++) {
    const pivots = pivotStart[f + 1]! - pivotStart[f]!;
    const rows = rowPtr[f + 1]! - rowPtr[f]!;
    const blockLd = (rows + 1) & ~1;
    const ld = pivots + blockLd;
    panelAt[f] = factorLength;
    factorLength += ld * pivots;
    blockLength[f] = blockLd * rows;
    packedLength = Math.max(packedLength, ld * pivots);
    frontRowsMax = Math.max(frontRowsMax, ld);
    nonzeros += pivots * rows + (pivots * (pivots + 1)) / 2;
    for (let p = 0; p < pivots; p++) flops += ((rows + pivots - p) * (rows + pivots - p + 1)) / 2;
  }
  const arena = planArena(blockLength, childPtr, child);
  return {
    panelAt,
    blockAt: arena.at,
    factorLength,
    arenaLength: arena.length,
    packedLength,
    frontRowsMax,
    nonzeros,
    flops,
  };
}
