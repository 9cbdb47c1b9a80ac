import type { FabricNode, FabricProfile } from './profile.js';

/** How long a peer that did not answer is left alone, ms. */
const REST = 1_000;

export interface Endpoint {
  readonly mspId: string;
  readonly node: FabricNode;
  /** Blocks that this peer is known to have. */
  height: number;
  restsUntil: number;
}

/** The peers of a profile, and which of them to turn to. */
export class Endpoints {
  readonly all: readonly Endpoint[];

  constructor(profile: FabricProfile) {
    this.all = profile.organisations.flatMap(({ mspId, peers }) =>
      peers.map((node) => ({ mspId, node, height: 0, restsUntil: 0 })),
    );
  }

  /** One's own organisation's peers first, then the others; those that did not answer lately come last. */
  for(mspId: string): Endpoint[] {
    const now = Date.now();
    const rank = (endpoint: Endpoint): number =>
      (endpoint.restsUntil > now ? 2 : 0) + (endpoint.mspId === mspId ? 0 : 1);
    return [...this.all].sort((left, right) => rank(left) - rank(right));
  }

  failed(endpoint: Endpoint): void {
    endpoint.restsUntil = Date.now() + REST;
    // It may come back with an older chain.
    endpoint.height = 0;
  }
}
