import type { Endpoint, Endpoints } from './endpoints.js';

const LONGEST_WAIT = 5_000;
const PAUSE = 20;

/**
 * How far each peer is known to be. A peer of another organisation may be a block behind the one that
 * told of a commit; what it is asked then would look undone. So it is waited for, first.
 */
export class Heights {
  private newest = -1;
  private readonly under = new Map<Endpoint, Promise<void>>();

  constructor(
    private readonly endpoints: Endpoints,
    /** Asks one peer for its number of blocks; what it throws means that the peer does not answer. */
    private readonly ask: (endpoint: Endpoint) => Promise<number>,
  ) {}

  /** A commit was seen in this block, by this peer where that is known. */
  saw(block: number, endpoint?: Endpoint): void {
    this.newest = Math.max(this.newest, block);
    if (endpoint) endpoint.height = Math.max(endpoint.height, block + 1);
  }

  async all(): Promise<void> {
    await Promise.all(this.endpoints.all.map((endpoint) => this.of(endpoint)));
  }

  /** Resolves when the peer has every block that was seen, or is given up. */
  of(endpoint: Endpoint): Promise<void> {
    if (endpoint.height > this.newest || endpoint.restsUntil > Date.now()) return Promise.resolve();
    let under = this.under.get(endpoint);
    if (!under) {
      under = this.poll(endpoint).finally(() => this.under.delete(endpoint));
      this.under.set(endpoint, under);
    }
    return under;
  }

  private async poll(endpoint: Endpoint): Promise<void> {
    const until = Date.now() + LONGEST_WAIT;
    while (endpoint.height <= this.newest && Date.now() < until) {
      try {
        endpoint.height = await this.ask(endpoint);
      } catch {
        return;
      }
      if (endpoint.height <= this.newest) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
