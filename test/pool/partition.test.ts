import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionTree, SUBTREE_ROOT } from '../../src/pool/index.js';

/** Subtree sizes of a random tree in depth-first preorder. */
const tree = fc.array(fc.nat(), { minLength: 0, maxLength: 120 }).map((draws) => {
  // each new bus hangs below some ancestor of the last one (or the last one itself): that is preorder
  const parent = [-1];
  for (const [k, value] of draws.entries()) {
    const chain: number[] = [];
    for (let at = k; at >= 0; at = parent[at]!) chain.push(at);
    parent.push(chain[value % chain.length]!);
  }
  const subtree = new Int32Array(parent.length).fill(1);
  for (let i = parent.length - 1; i > 0; i -= 1) subtree[parent[i]!]! += subtree[i]!;
  return { parent, subtree };
});

describe('partition into subtrees', () => {
  it('gives every bus to exactly one party, as whole subtrees or one by one', () => {
    fc.assert(
      fc.property(
        tree,
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 0, max: 5 }),
        ({ parent, subtree }, parties, heavy) => {
          const work = Float64Array.from(parent, (_, i) => 1 + ((i * 7) % (heavy + 1)));
          const partition = partitionTree(subtree, work, parties);
          const owner = new Int32Array(parent.length).fill(-1);
          const take = (bus: number, party: number) => {
            expect(owner[bus], `bus ${bus} is given twice`).toBe(-1);
            owner[bus] = party;
          };
          const roots: number[] = [];
          for (let p = 0; p < parties; p += 1) {
            for (let s = partition.segmentOfParty[p]!; s < partition.segmentOfParty[p + 1]!; s += 1) {
              const [first, end] = [partition.segments[2 * s]!, partition.segments[2 * s + 1]!];
              expect(end).toBe(first + subtree[first]!);
              roots.push(first);
              for (let bus = first; bus < end; bus += 1) take(bus, p);
            }
            for (let k = partition.topOfParty[p]!; k < partition.topOfParty[p + 1]!; k += 1)
              take(partition.topShare[k]!, p);
          }
          expect(owner.every((party) => party >= 0)).toBe(true);
          // the serial part sees every bus outside and every subtree's root, children before parents
          const top = [...partition.top];
          const plain = top.map((bus) => bus & ~SUBTREE_ROOT);
          expect(plain).toEqual([...plain].sort((a, b) => b - a));
          const marked = top.filter((bus) => (bus & SUBTREE_ROOT) !== 0).map((bus) => bus & ~SUBTREE_ROOT);
          expect(marked.sort((a, b) => a - b)).toEqual(roots.sort((a, b) => a - b));
          for (const bus of roots) expect(plain).toContain(parent[bus]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('balances a bushy tree within a tenth', () => {
    // a root with 200 chains of 5
    const subtree = Int32Array.from({ length: 1001 }, (_, i) => (i === 0 ? 1001 : 5 - ((i - 1) % 5)));
    const work = new Float64Array(1001).fill(1);
    for (const parties of [2, 3, 8]) {
      const { segments, segmentOfParty, topOfParty } = partitionTree(subtree, work, parties);
      const carried = Array.from({ length: parties }, (_, p) => {
        let sum = topOfParty[p + 1]! - topOfParty[p]!;
        for (let s = segmentOfParty[p]!; s < segmentOfParty[p + 1]!; s += 1)
          sum += segments[2 * s + 1]! - segments[2 * s]!;
        return sum;
      });
      expect(Math.max(...carried)).toBeLessThan((1.1 * 1001) / parties);
    }
  });
});
