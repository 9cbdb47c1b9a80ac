/** Marks, in `top`, the root of a subtree that some party owns. */
export const SUBTREE_ROOT = 1 << 30;

/** Who does what when several threads share one radial feeder. */
export interface Partition {
  readonly parties: number;
  /** Pairs (first position, past-last position): whole subtrees, party by party. */
  readonly segments: Int32Array;
  /** parties + 1 entries: segments of party p are segmentOfParty[p] … segmentOfParty[p + 1]. */
  readonly segmentOfParty: Int32Array;
  /** Positions outside all segments and, marked, the segments' roots; descending. */
  readonly top: Int32Array;
  readonly topOfParty: Int32Array;
  /** The positions outside all segments in the parties' order (they are spread evenly too). */
  readonly topShare: Int32Array;
}

/**
 * Cuts a tree in depth-first preorder into whole subtrees of at most a fraction of a party's share of
 * the work, and gives them out, largest first, to whoever has least. `work[i]` estimates bus i.
 * Deterministic; the arithmetic of the kernels does not depend on it.
 */
export function partitionTree(subtree: Int32Array, work: Float64Array, parties: number): Partition {
  const count = subtree.length;
  const total = new Float64Array(count);
  const running = new Float64Array(count + 1);
  for (let i = 0; i < count; i += 1) running[i + 1] = running[i]! + work[i]!;
  for (let i = 0; i < count; i += 1) total[i] = running[i + subtree[i]!]! - running[i]!;
  // alone, there is nothing to balance; together, pieces small enough that the largest does not decide
  const most = parties === 1 ? Number.POSITIVE_INFINITY : running[count]! / (parties * 8);
  const pieces: { first: number; end: number; work: number }[] = [];
  const outside: number[] = [0];
  let i = 1;
  while (i < count) {
    if (total[i]! <= most) {
      pieces.push({ first: i, end: i + subtree[i]!, work: total[i]! });
      i += subtree[i]!;
    } else {
      outside.push(i);
      i += 1;
    }
  }
  return assign(pieces, outside, work, parties);
}

function assign(
  pieces: { first: number; end: number; work: number }[],
  outside: number[],
  work: Float64Array,
  parties: number,
): Partition {
  const carried = new Float64Array(parties);
  const least = () => {
    let best = 0;
    for (let p = 1; p < parties; p += 1) if (carried[p]! < carried[best]!) best = p;
    return best;
  };
  const mine: { first: number; end: number }[][] = Array.from({ length: parties }, () => []);
  const tops: number[][] = Array.from({ length: parties }, () => []);
  for (const piece of [...pieces].sort((a, b) => b.work - a.work || a.first - b.first)) {
    const party = least();
    mine[party]!.push(piece);
    carried[party]! += piece.work;
  }
  for (const bus of outside) {
    const party = least();
    tops[party]!.push(bus);
    carried[party]! += work[bus]!;
  }
  for (const list of mine) list.sort((a, b) => a.first - b.first);
  const top = [...outside, ...pieces.map((piece) => piece.first + SUBTREE_ROOT)];
  top.sort((a, b) => (b & ~SUBTREE_ROOT) - (a & ~SUBTREE_ROOT));
  return {
    parties,
    segments: Int32Array.from(mine.flat().flatMap((piece) => [piece.first, piece.end])),
    segmentOfParty: offsets(mine),
    top: Int32Array.from(top),
    topOfParty: offsets(tops),
    topShare: Int32Array.from(tops.flat()),
  };
}

function offsets(lists: readonly (readonly unknown[])[]): Int32Array {
  const out = new Int32Array(lists.length + 1);
  for (const [k, list] of lists.entries()) out[k + 1] = out[k]! + list.length;
  return out;
}
