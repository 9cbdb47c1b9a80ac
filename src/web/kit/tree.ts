import type { Case, Line } from '../../model/case.js';

export interface Place {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}
export interface Tree {
  readonly places: ReadonlyMap<string, Place>;
  /** Closed lines with their upstream and downstream bus. */
  readonly edges: readonly { readonly line: Line; readonly index: number; readonly up: Place; readonly down: Place }[];
  readonly width: number;
  readonly height: number;
}

/** Lays a feeder out from left to right: columns by distance from the root, every leaf on a row of its own. */
export function layOut({ buses, lines, root }: Case, wanted = 1120, row = 22): Tree {
  const near = new Map<string, { line: Line; index: number; other: string }[]>(buses.map(({ id }) => [id, []]));
  for (const [index, line] of lines.entries()) {
    if (line.open) continue;
    near.get(line.from)?.push({ line, index, other: line.to });
    near.get(line.to)?.push({ line, index, other: line.from });
  }
  const depth = new Map<string, number>([[root, 0]]);
  const order = [root];
  const below = new Map<string, { line: Line; index: number; other: string }[]>();
  for (const id of order) {
    const children = near.get(id)!.filter(({ other }) => !depth.has(other));
    below.set(id, children);
    for (const { other } of children) {
      depth.set(other, depth.get(id)! + 1);
      order.push(other);
    }
  }
  // As wide as is wanted, but neither crowded nor torn apart.
  // The last bus of a breadth-first walk is one of the farthest.
  const deepest = Math.max(1, depth.get(order[order.length - 1]!)!);
  const column = Math.min(80, Math.max(30, (wanted - 60) / deepest));
  const rowOf = new Map<string, number>();
  let rows = 0;
  // Depth first without recursion: feeders of thousands of buses in a row exist.
  const stack: { id: string; seen: boolean }[] = [{ id: root, seen: false }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const children = below.get(top.id)!;
    if (!top.seen && children.length > 0) {
      top.seen = true;
      for (const { other } of [...children].reverse()) stack.push({ id: other, seen: false });
      continue;
    }
    stack.pop();
    const of = children.map(({ other }) => rowOf.get(other)!);
    rowOf.set(top.id, of.length ? (of[0]! + of[of.length - 1]!) / 2 : rows++);
  }
  const places = new Map(
    order.map((id) => [id, { id, x: 20 + depth.get(id)! * column, y: 16 + rowOf.get(id)! * row }]),
  );
  const edges = order.flatMap((id) =>
    below.get(id)!.map(({ line, index, other }) => ({ line, index, up: places.get(id)!, down: places.get(other)! })),
  );
  return { places, edges, width: 60 + deepest * column, height: 32 + Math.max(0, rows - 1) * row };
}
