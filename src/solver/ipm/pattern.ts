import type { SymmetricPattern } from './sparse/symbolic.js';
import type { StandardForm } from './standard.js';

/** Pattern of the condensed KKT matrix and where each part of it is among the pattern's entries. */
export interface KktPattern extends SymmetricPattern {
  /** n + m diagonals are entries 0 .. n + m − 1; A's entries follow in CSR order from here. */
  readonly equalityFirst: number;
  /** Off-diagonal entries that the cones fill: from here to the end. */
  readonly dynamicFirst: number;
  /** For each cone its pairs (k, other ≤ k) → entry. */
  readonly pairPtr: Int32Array;
  readonly pairEntry: Int32Array;
}

export function kktPattern(form: StandardForm): KktPattern {
  const { n, m, nc } = form;
  const size = n + m;
  const nonzeros = form.aPtr[m]!;
  const pairPtr = new Int32Array(nc + 1);
  for (let k = 0; k < nc; k++) {
    const width = form.coneVarPtr[k + 1]! - form.coneVarPtr[k]!;
    pairPtr[k + 1] = pairPtr[k]! + (width * (width + 1)) / 2;
  }
  const pairEntry = new Int32Array(pairPtr[nc]!);
  const most = size + nonzeros + pairPtr[nc]!;
  const row = new Int32Array(most);
  const column = new Int32Array(most);
  let entries = 0;
  for (; entries < size; entries++) row[entries] = column[entries] = entries;
  for (let i = 0; i < m; i++) {
    for (let e = form.aPtr[i]!; e < form.aPtr[i + 1]!; e++) {
      row[entries] = n + i;
      column[entries++] = form.aCol[e]!;
    }
  }
  const dynamicFirst = entries;
  // pairs that several cones share are one entry: chained under the larger variable
  const head = new Int32Array(n).fill(-1);
  const next = new Int32Array(pairPtr[nc]!);
  for (let k = 0; k < nc; k++) {
    const first = form.coneVarPtr[k]!;
    const width = form.coneVarPtr[k + 1]! - first;
    let at = pairPtr[k]!;
    for (let a = 0; a < width; a++) {
      for (let b = 0; b <= a; b++, at++) {
        const u = form.coneVar[first + a]!;
        const v = form.coneVar[first + b]!;
        if (u === v) {
          pairEntry[at] = u;
          continue;
        }
        const large = Math.max(u, v);
        const small = Math.min(u, v);
        let entry = head[large]!;
        while (entry >= 0 && column[entry] !== small) entry = next[entry - dynamicFirst]!;
        if (entry < 0) {
          entry = entries++;
          row[entry] = large;
          column[entry] = small;
          next[entry - dynamicFirst] = head[large]!;
          head[large] = entry;
        }
        pairEntry[at] = entry;
      }
    }
  }
  return {
    size,
    row: row.subarray(0, entries),
    column: column.subarray(0, entries),
    equalityFirst: size,
    dynamicFirst,
    pairPtr,
    pairEntry,
  };
}
