import { createHash } from 'node:crypto';

/**
 * A uniform number in [0, 1) that depends only on the seed and the labels: adding a device to one
 * bus never changes what another bus draws.
 */
export function draw(seed: string, ...labels: (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
