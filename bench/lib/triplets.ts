/** A sparse matrix under construction, row by row, with its right-hand side. */
export class Triplets {
  readonly #row: number[] = [];
  readonly #column: number[] = [];
  readonly #value: number[] = [];
  readonly rightSide: number[] = [];

  get rows(): number {
    return this.rightSide.length;
  }

  row(terms: readonly (readonly [number, number])[], rightSide: number): void {
    for (const [column, value] of terms) {
      if (value === 0) continue;
      this.#row.push(this.rows);
      this.#column.push(column);
      this.#value.push(value);
    }
    this.rightSide.push(rightSide);
  }

  /** The matrices on top of each other, by columns; within a column rows ascend. */
  static columns(columns: number, parts: readonly Triplets[]) {
    const start = new Int32Array(columns + 1);
    for (const part of parts) for (const column of part.#column) start[column + 1]!++;
    for (let c = 0; c < columns; c++) start[c + 1]! += start[c]!;
    const next = start.slice(0, columns);
    const index = new Int32Array(start[columns]!);
    const value = new Float64Array(start[columns]!);
    let above = 0;
    for (const part of parts) {
      for (let k = 0; k < part.#row.length; k++) {
        const at = next[part.#column[k]!]!++;
        index[at] = part.#row[k]! + above;
        value[at] = part.#value[k]!;
      }
      above += part.rows;
    }
    return { start, index, value };
  }
}
