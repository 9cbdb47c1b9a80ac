import { sha256, sha256Hex } from './canonical.js';

/** One step from a leaf to the root: the sibling's hash (hex) and the side on which it stands. */
export interface MerkleStep {
  readonly hash: string;
  readonly side: 'left' | 'right';
}

// Leaves and nodes are hashed with different first bytes, so that no node can pass for a leaf (RFC 6962).
const LEAF = 0;
const NODE = 1;

/** Root of an empty list: the hash of nothing, as in RFC 6962. */
export const EMPTY_ROOT = sha256Hex('');

export function merkleLeaf(data: string | Uint8Array): Buffer {
  const body = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  const bytes = Buffer.allocUnsafe(body.length + 1);
  bytes[0] = LEAF;
  bytes.set(body, 1);
  return sha256(bytes);
}

function node(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(65);
  bytes[0] = NODE;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256(bytes);
}

/** All levels from the leaves to the root; a node without a sibling moves up unchanged (RFC 6962's tree). */
export function merkleLevels(leaves: readonly Buffer[]): Buffer[][] {
  const levels: Buffer[][] = [[...leaves]];
  let level = levels[0]!;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const right = level[index + 1];
      above.push(right === undefined ? level[index]! : node(level[index]!, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** Merkle root (hex) over the given leaf data, in their order. */
export function merkleRoot(items: readonly (string | Uint8Array)[]): string {
  if (items.length === 0) return EMPTY_ROOT;
  const levels = merkleLevels(items.map(merkleLeaf));
  return levels[levels.length - 1]![0]!.toString('hex');
}

/** Path of the leaf at `index`, from the levels of its tree. */
export function merklePath(levels: readonly (readonly Buffer[])[], index: number): MerkleStep[] {
  const path: MerkleStep[] = [];
  let position = index;
  for (const level of levels.slice(0, -1)) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) {
      path.push({ hash: sibling.toString('hex'), side: position % 2 === 0 ? 'right' : 'left' });
    }
    position >>= 1;
  }
  return path;
}

/** Root that a leaf and its path lead to; compare it with the root that is trusted. */
export function merkleClimb(leaf: Uint8Array, path: readonly MerkleStep[]): string {
  let hash: Buffer = Buffer.from(leaf);
  for (const step of path) {
    const sibling = Buffer.from(step.hash, 'hex');
    hash = step.side === 'left' ? node(sibling, hash) : node(hash, sibling);
  }
  return hash.toString('hex');
}
