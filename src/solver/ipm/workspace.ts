import { PLAN_BYTES, type PlanPointer, type PlanScalar, type PlanSize, SCALAR_AT, WORD_AT } from './abi.js';
import type { Scaling } from './equilibrate.js';
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
  private readonly staticEntry: Int32Array;
  private readonly bytes: number;

  constructor(form: StandardForm, target?: KernelTarget) {
    const pattern = kktPattern(form);
    const symbolic = analyse(pattern);
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
      ['conePtr', form.conePtr],
      ['coneVarPtr', form.coneVarPtr],
      ['coneVar', form.coneVar],
      ['coneGPtr', form.coneGPtr],
      ['pairPtr', pattern.pairPtr],
      ['pairIdx', pattern.pairEntry.map((entry) => symbolic.valueAt[entry]!)],
      ['diagIdx', symbolic.valueAt.slice(0, n + m)],
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
      ['scale', ns],
      ['coneEta', nc],
      ['scaled', ns],
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
    this.staticEntry = symbolic.valueAt.slice(pattern.equalityFirst, pattern.dynamicFirst);
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

  /** Writes the scaled numbers of `form`, and the weights that turn residuals back into its units. */
  load(form: StandardForm, scaling: Scaling, slackScale = 1): void {
    const { n, m, nb, nc } = form;
    const { column, row, cone, objective } = scaling;
    const quad = this.floats('quad');
    const cost = this.floats('cost');
    const colWeight = this.floats('colWeight');
    for (let j = 0; j < n; j++) {
      quad[j] = objective * form.quad[j]! * column[j]! * column[j]!;
      cost[j] = objective * form.cost[j]! * column[j]!;
      colWeight[j] = 1 / (objective * column[j]!);
    }
    const rhs = this.floats('rhs');
    const aVal = this.floats('aVal');
    const kktVal = this.floats('kktVal');
    const rowWeight = this.floats('rowWeight');
    const priceWeight = this.floats('priceWeight');
    for (let i = 0; i < m; i++) {
      rhs[i] = row[i]! * form.rhs[i]!;
      rowWeight[i] = 1 / (row[i]! * form.rowScale[i]!);
      priceWeight[i] = row[i]! / objective;
      for (let e = form.aPtr[i]!; e < form.aPtr[i + 1]!; e++) {
        aVal[e] = row[i]! * form.aVal[e]! * column[form.aCol[e]!]!;
        kktVal[this.staticEntry[e]!] = aVal[e]!;
      }
    }
    const offset = this.floats('offset');
    const slackWeight = this.floats('slackWeight');
    this.floats('boundSign').set(form.boundSign);
    for (let i = 0; i < nb; i++) {
      const j = form.boundVar[i]!;
      offset[i] = form.offset[i]! / column[j]!;
      slackWeight[i] = column[j]! / slackScale;
    }
    const coneG = this.floats('coneG');
    const coneGJG = this.floats('coneGJG');
    let pair = 0;
    for (let k = 0; k < nc; k++) {
      const first = form.coneVarPtr[k]!;
      const width = form.coneVarPtr[k + 1]! - first;
      const block = form.coneGPtr[k]!;
      const height = form.conePtr[k + 1]! - form.conePtr[k]!;
      for (let i = 0; i < height; i++) {
        const at = form.conePtr[k]! + i;
        offset[at] = cone[k]! * form.offset[at]!;
        slackWeight[at] = 1 / (cone[k]! * slackScale);
        for (let v = 0; v < width; v++) {
          const e = block + i * width + v;
          coneG[e] = cone[k]! * form.coneG[e]! * column[form.coneVar[first + v]!]!;
        }
      }
      for (let a = 0; a < width; a++) {
        for (let b = 0; b <= a; b++) {
          let sum = coneG[block + a]! * coneG[block + b]!;
          for (let i = 1; i < height; i++) sum -= coneG[block + i * width + a]! * coneG[block + i * width + b]!;
          coneGJG[pair++] = sum;
        }
      }
    }
  }
}
