/**
 * Offsets for update blocks that live from their own front until their parent's, planned once from
 * these lifetimes (first fit on a list of free ranges).
 */
export function planArena(
  blockLength: Int32Array,
  childPtr: Int32Array,
  child: Int32Array,
): { readonly at: Int32Array; readonly length: number } {
  const fronts = blockLength.length;
  const at = new Int32Array(fronts);
  // free ranges [from, to) in ascending order; the last one is open-ended
  const from: number[] = [0];
  const to: number[] = [Number.POSITIVE_INFINITY];
  let length = 0;
  const take = (need: number): number => {
    let k = 0;
    while (to[k]! - from[k]! < need) k++;
    const begin = from[k]!;
    from[k] = begin + need;
    if (from[k] === to[k]) {
      from.splice(k, 1);
      to.splice(k, 1);
    }
    length = Math.max(length, begin + need);
    return begin;
  };
  const release = (begin: number, end: number): void => {
    let k = 0;
    while (from[k]! < begin) k++;
    const joinsLeft = k > 0 && to[k - 1] === begin;
    const joinsRight = from[k] === end;
    if (joinsLeft && joinsRight) {
      to[k - 1] = to[k]!;
      from.splice(k, 1);
      to.splice(k, 1);
    } else if (joinsLeft) to[k - 1] = end;
    else if (joinsRight) from[k] = begin;
    else {
      from.splice(k, 0, begin);
      to.splice(k, 0, end);
    }
  };
  for (let f = 0; f < fronts; f++) {
    if (blockLength[f]! > 0) at[f] = take(blockLength[f]!);
    for (let k = childPtr[f]!; k < childPtr[f + 1]!; k++) {
      const c = child[k]!;
      if (blockLength[c]! > 0) release(at[c]!, at[c]! + blockLength[c]!);
    }
  }
  return { at, length };
}
