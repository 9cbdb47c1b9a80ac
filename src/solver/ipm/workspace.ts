import { PLAN_BYTES, type PlanPointer, type PlanScalar, type PlanSize, SCALAR_AT, WORD_AT } from './abi.js';
import { type IpmKernel, type KernelTarget, openKernel } from './kernel.js';
import { kktPattern } from './pattern.js';
import { analyse, type SymbolicFactor } from './sparse/symbolic.js';
import type { StandardForm } from './standard.js';

const PLAN = 1024; // low addresses stay unused, so that a null pointer never looks valid

/**
 * One program in WebAssembly memory: everything is placed once, from the structure alone; `load`
 * writes numbers and may be called again for another program of the same structure.
 */
export class Workspace {
  readonly kernel: IpmKernel;
  readonly symbolic: SymbolicFactor;
  readonly plan = PLAN;
  private readonly lengths = new Map<PlanPointer, number>();
  private readonly view: DataView;
  private readonly bytes: number;

  constructor(form: StandardForm, target?: KernelTarget) {
    const pattern = kktPattern(form);
    const symbolic = analyse(pattern, target);
    this.symbolic = symbolic;
    const { n, m, nb, nc, ns } = form;
    const total = n + m + ns;
    const starts = new Map<PlanPointer, number>();
    let end = PLAN + PLAN_BYTES;
    const place = (name: PlanPointer, length: number, bytesEach: number): void => {
      end = Math.ceil(end / 16) * 16;
      starts.set(name, end);
      this.lengths.set(name, length);
      end += length * bytesEach;
    };
    const ints: [PlanPointer, Int32Array][] = [
      ['aPtr', form.aPtr],
      ['aCol', form.aCol],
      ['boundVar', form.boundVar],
      ['coneKind', coneKinds(form)],
      ['conePtr', form.conePtr],
      ['coneVarPtr', form.coneVarPtr],
      ['coneVar', form.coneVar],
      ['coneGPtr', form.coneGPtr],
      ['pairPtr', pattern.pairPtr],
      ['pairIdx', pattern.pairEntry.map((entry) => symbolic.valueAt[entry]!)],
      ['diagIdx', symbolic.valueAt.slice(0, n + m)],
      ['aIdx', symbolic.valueAt.slice(pattern.equalityFirst, pattern.dynamicFirst)],
      ['dynamicIdx', symbolic.valueAt.slice(pattern.dynamicFirst)],
      ['permOf', symbolic.permOf],
      ['pivotStart', symbolic.pivotStart],
      ['rowPtr', symbolic.rowPtr],
      ['rowIdx', symbolic.rowIdx],
      ['panelAt', symbolic.panelAt],
      ['blockAt', symbolic.blockAt],
      ['childPtr', symbolic.childPtr],
      ['child', symbolic.child],
      ['relative', symbolic.relative],
      ['originPtr', symbolic.originPtr],
      ['originDst', symbolic.originDst],
    ];
    const floats: [PlanPointer, number][] = [
      ['quad', n],
      ['cost', n],
      ['rhs', m],
      ['offset', ns],
      ['aVal', form.aVal.length],
      ['boundSign', nb],
      ['coneG', form.coneG.length],
      ['coneGJG', pattern.pairEntry.length],
      ['kktVal', pattern.row.length],
      ['pivotSign', n + m],
      ['pivotInv', n + m],
      ['factor', symbolic.factorLength],
      ['arena', symbolic.arenaLength + 2],
      ['packed', symbolic.packedLength],
      ['solveWork', 2 * (n + m)],
      ['frontWork', 2 * symbolic.frontRowsMax + 64],
      ['point', total],
      ['slack', ns],
      ['residual', total],
      ['rhsStep', total],
      ['rhsConst', total],
      ['stepOne', total],
      ['stepTwo', total],
      ['refineOne', total],
      ['refineTwo', total],
      ['correctOne', total],
      ['correctTwo', total],
      ['slackStep', ns],
      ['slackShift', ns],
      ['slackWork', ns],
      ['scale', ns],
      ['boundInv', nb],
      ['coneEta', nc],
      ['scaled', ns],
      ['colScale', n],
      ['rowScale', m],
      ['coneScale', nc],
      ['rowWeight', m],
      ['slackWeight', ns],
      ['colWeight', n],
      ['priceWeight', m],
    ];
    for (const [name, data] of ints) place(name, data.length, 4);
    for (const [name, length] of floats) place(name, length, 8);
    this.bytes = end;
    this.kernel = openKernel(end, target);
    this.view = new DataView(this.kernel.memory.buffer);
    const sizes: Record<PlanSize, number> = {
      n,
      m,
      nb,
      nc,
      ns,
      fronts: symbolic.fronts,
      dynamicCount: pattern.row.length - pattern.dynamicFirst,
      refineMax: 8,
    };
    for (const [name, value] of Object.entries(sizes))
      this.view.setInt32(PLAN + WORD_AT[name as PlanSize], value, true);
    for (const [name, at] of starts) this.view.setUint32(PLAN + WORD_AT[name], at, true);
    for (const [name, data] of ints) this.ints(name).set(data);
    const sign = this.floats('pivotSign');
    for (let i = 0; i < n + m; i++) sign[symbolic.permOf[i]!] = i < n ? 1 : -1;
  }

  /** Bytes of WebAssembly memory in use. */
  get memoryBytes(): number {
    return this.bytes;
  }

  private start(name: PlanPointer): number {
    return this.view.getUint32(PLAN + WORD_AT[name], true);
  }

  ints(name: PlanPointer): Int32Array {
    return new Int32Array(this.kernel.memory.buffer, this.start(name), this.lengths.get(name)!);
  }

  floats(name: PlanPointer): Float64Array {
    return new Float64Array(this.kernel.memory.buffer, this.start(name), this.lengths.get(name)!);
  }

  get(name: PlanScalar): number {
    return this.view.getFloat64(PLAN + SCALAR_AT[name], true);
  }

  set(name: PlanScalar, value: number): void {
    this.view.setFloat64(PLAN + SCALAR_AT[name], value, true);
  }

  /** Writes the numbers of `form` and scales them in place, with the scaling of the last load if `keepScaling`. */
  load(form: StandardForm, slackTolerance = 1, keepScaling = false): void {
    for (const name of ['quad', 'cost', 'rhs', 'offset', 'aVal', 'boundSign', 'coneG'] as const) {
      this.floats(name).set(form[name]);
    }
    this.floats('rowWeight').set(form.rowScale);
    this.set('slackTolerance', slackTolerance);
    this.kernel.equilibrate(this.plan, keepScaling ? 1 : 0);
  }

  /** The scaling that `load` found; stale after the next. */
  scaling(): Scaling {
    return {
      column: this.floats('colScale'),
      row: this.floats('rowScale'),
      cone: this.floats('coneScale'),
      objective: this.get('objectiveScale'),
    };
  }
}

/** 1 for cones of the form |(a − b, P, Q)| ≤ a + b, which have code of their own (assembly/ipm/branch.ts). */
function coneKinds(form: StandardForm): Int32Array {
  const kinds = new Int32Array(form.nc);
  for (let c = 0; c < form.nc; c++) {
    const first = form.conePtr[c]!;
    if (form.conePtr[c + 1]! - first !== 4 || form.coneVarPtr[c + 1]! - form.coneVarPtr[c]! !== 4) continue;
    const at = form.coneGPtr[c]!;
    const g = (k: number): number => form.coneG[at + k]!;
    let zeros = true;
    for (let k = 0; k < 16; k++) {
      if (k !== 0 && k !== 1 && k !== 4 && k !== 5 && k !== 10 && k !== 15 && g(k) !== 0) zeros = false;
    }
    if (zeros && g(0) === g(4) && g(1) === -g(5)) kinds[c] = 1;
  }
  return kinds;
}

/** x = column · x′; rows are multiplied by `row`, cones by `cone`, the objective by `objective`. */
export interface Scaling {
  readonly column: Float64Array;
  readonly row: Float64Array;
  readonly cone: Float64Array;
  readonly objective: number;
}
