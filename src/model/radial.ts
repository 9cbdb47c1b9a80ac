import { CrowdwattError } from '../errors.js';
import type { Case } from './case.js';
import { brief } from './problems.js';

/** The feeder as a rooted tree, in depth-first preorder; fields as in `CompiledCase`. */
export interface RadialOrder {
  readonly busOfPosition: Int32Array;
  readonly positionOfBus: Int32Array;
  readonly parent: Int32Array;
  readonly subtree: Int32Array;
  readonly depth: Int32Array;
  readonly lineOfPosition: Int32Array;
  readonly lineFromChild: Uint8Array;
}

/**
 * Orders the buses depth first from the root along the closed lines; children in the order of their
 * lines in the file, so the same file always gives the same order. No recursion: a chain of 100,000
 * buses is as good as a bush.
 *
 * @throws CrowdwattError `case/topology` naming the line that closes a loop, or the buses of an island.
 */
export function radialOrder(source: Case): RadialOrder {
  const busIndex = new Map(source.buses.map((bus, k) => [bus.id, k]));
  const from = Int32Array.from(source.lines, (line) => busIndex.get(line.from) ?? -1);
  const to = Int32Array.from(source.lines, (line) => busIndex.get(line.to) ?? -1);
  refuseLoop(source, from, to);
  const order = walk(source, busIndex.get(source.root) ?? -1, from, to);
  refuseIsland(source, order.positionOfBus);
  return order;
}

function walk(source: Case, root: number, from: Int32Array, to: Int32Array): RadialOrder {
  const count = source.buses.length;
  const { start, line: lineAt } = adjacency(source, from, to);
  const busOfPosition = new Int32Array(count).fill(-1);
  const positionOfBus = new Int32Array(count).fill(-1);
  const parent = new Int32Array(count).fill(-1);
  const subtree = new Int32Array(count).fill(1);
  const depth = new Int32Array(count);
  const lineOfPosition = new Int32Array(count).fill(-1);
  const lineFromChild = new Uint8Array(count);
  const next = start.slice(0, count);
  const stack = [root];
  busOfPosition[0] = root;
  positionOfBus[root] = 0;
  let placed = 1;
  while (stack.length > 0) {
    const bus = stack[stack.length - 1]!;
    if (next[bus]! === start[bus + 1]!) {
      stack.pop();
      continue;
    }
    const line = lineAt[next[bus]!]!;
    next[bus]! += 1;
    const child = from[line] === bus ? to[line]! : from[line]!;
    if (positionOfBus[child] !== -1) continue;
    const position = placed;
    placed += 1;
    busOfPosition[position] = child;
    positionOfBus[child] = position;
    parent[position] = positionOfBus[bus]!;
    depth[position] = depth[parent[position]!]! + 1;
    lineOfPosition[position] = line;
    lineFromChild[position] = from[line] === child ? 1 : 0;
    stack.push(child);
  }
  for (let i = placed - 1; i > 0; i -= 1) subtree[parent[i]!]! += subtree[i]!;
  return { busOfPosition, positionOfBus, parent, subtree, depth, lineOfPosition, lineFromChild };
}

/** Closed lines at each bus as compressed rows, in file order. */
function adjacency(source: Case, from: Int32Array, to: Int32Array): { start: Int32Array; line: Int32Array } {
  const start = new Int32Array(source.buses.length + 1);
  const closed = (k: number) => source.lines[k]!.open !== true;
  for (let k = 0; k < from.length; k += 1) {
    if (!closed(k)) continue;
    start[from[k]! + 1]! += 1;
    start[to[k]! + 1]! += 1;
  }
  for (let i = 0; i < source.buses.length; i += 1) start[i + 1]! += start[i]!;
  const fill = start.slice();
  const line = new Int32Array(start[source.buses.length]!);
  for (let k = 0; k < from.length; k += 1) {
    if (!closed(k)) continue;
    for (const end of [from[k]!, to[k]!]) {
      line[fill[end]!] = k;
      fill[end]! += 1;
    }
  }
  return { start, line };
}

/** Union-find over the closed lines: the first line whose two ends are joined already closes a loop. */
function refuseLoop(source: Case, from: Int32Array, to: Int32Array): void {
  const group = Int32Array.from(source.buses, (_, k) => k);
  const find = (bus: number): number => {
    let at = bus;
    while (group[at] !== at) {
      group[at] = group[group[at]!]!;
      at = group[at]!;
    }
    return at;
  };
  for (const [k, line] of source.lines.entries()) {
    if (line.open === true) continue;
    const a = find(from[k]!);
    const b = find(to[k]!);
    if (a === b) {
      const ends = `${brief(line.from)} and ${brief(line.to)}`;
      throw new CrowdwattError(
        'case/topology',
        `lines[${k}] (${line.id}) closes a loop between buses ${ends}; the closed lines must form one tree (open it or another line of the loop)`,
        { path: `lines[${k}]`, id: line.id },
      );
    }
    group[a] = b;
  }
}

function refuseIsland(source: Case, positionOfBus: Int32Array): void {
  const lost: string[] = [];
  let first = -1;
  for (let k = 0; k < positionOfBus.length; k += 1) {
    if (positionOfBus[k] !== -1) continue;
    if (first < 0) first = k;
    lost.push(source.buses[k]!.id);
  }
  if (lost.length === 0) return;
  const named = lost.slice(0, 5).map(brief).join(', ');
  const others = lost.length > 5 ? ` and ${lost.length - 5} more` : '';
  throw new CrowdwattError(
    'case/topology',
    `buses[${first}] (${lost[0]}) has no closed line to the root ${brief(source.root)}: bus${lost.length > 1 ? 'es' : ''} ${named}${others} form${lost.length > 1 ? '' : 's'} an island; every bus must be joined to the root`,
    { path: `buses[${first}]`, id: lost[0], island: lost.slice(0, 100) },
  );
}
