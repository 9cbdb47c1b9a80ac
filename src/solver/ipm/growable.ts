/** Typed arrays that grow; what is pushed stays in order. */
export class Numbers {
  private data = new Float64Array(64);
  length = 0; // may be set back to forget the last ones

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Float64Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  get(index: number): number {
    return this.data[index]!;
  }

  set(index: number, value: number): void {
    this.data[index] = value;
  }

  /** The numbers so far, without a copy; stale after the next push. */
  view(): Float64Array {
    return this.data.subarray(0, this.length);
  }
}

export class Indices {
  private data = new Int32Array(64);
  length = 0; // may be set back to forget the last ones

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Int32Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  get(index: number): number {
    return this.data[index]!;
  }

  view(): Int32Array {
    return this.data.subarray(0, this.length);
  }
}
