import type { FabricFault } from './faults.js';

/** A conflict of many writers resolves itself one block at a time. */
const MOST_CONFLICTS = 10;
const MOST_MISMATCHES = 5;
/** The operation id may be found and its block still not be told of. */
const MOST_UNKNOWNS = 3;

/**
 * What to do after each kind of fault, for one transaction. Trying again is safe at every stage: the
 * operation id is a key on the chain, so a second submit of one operation either finds the first or is
 * void against it. Even so nothing is sent a second time before the operation id has been read.
 */
export class Retries {
  private conflicts = 0;
  private mismatches = 0;
  private unknowns = 0;
  private refusedOnce = false;
  private sentAgain = false;
  private readonly began = Date.now();
  /** True between an unknown outcome and the endorsement that reads the operation id. */
  resolving = false;
  /** The fault to report, where a later one only says that it could not be resolved. */
  final: FabricFault | undefined;

  constructor(
    private readonly roundMs: number,
    private readonly patienceMs: number,
    private readonly random: () => number = Math.random,
    private readonly now: () => number = Date.now,
  ) {
    this.began = now();
  }

  /** Milliseconds until the next try; undefined: give up. */
  after(fault: FabricFault): number | undefined {
    switch (fault.kind) {
      case 'refused':
        if (this.final) return undefined;
        // The peer of another organisation may have been a block behind: asked once more, all caught up.
        if (this.refusedOnce || fault.stage !== 'endorse') return undefined;
        this.refusedOnce = true;
        return 0;
      case 'conflict':
        if (++this.conflicts >= MOST_CONFLICTS) return undefined;
        return this.roundMs * (0.25 + this.random()) * Math.min(8, 2 ** (this.conflicts - 1));
      case 'mismatch':
        if (++this.mismatches >= MOST_MISMATCHES) return undefined;
        return this.roundMs * (0.25 + this.random()) * this.mismatches;
      case 'unavailable':
      case 'timeout':
      case 'failed':
        if (fault.stage === 'submit' || fault.stage === 'commit') return this.unknown(fault);
        return fault.kind === 'failed' ? undefined : this.unanswered();
      default:
        return undefined;
    }
  }

  private unknown(fault: FabricFault): number | undefined {
    this.final = fault;
    if (this.sentAgain || ++this.unknowns >= MOST_UNKNOWNS) return undefined;
    this.resolving = true;
    return 0;
  }

  /** Nothing was sent: wait for a peer to come back, as long as a commit may take. */
  private unanswered(): number | undefined {
    if (this.resolving && this.now() - this.began > 2 * this.patienceMs) return undefined;
    if (!this.resolving && this.now() - this.began > this.patienceMs) return undefined;
    return this.roundMs * (0.5 + this.random());
  }

  /**
   * Called when the operation id was read and is not on the ledger. An accepted transaction may have
   * vanished with the leader that held it: then it is sent once more. Where the orderers said that they
   * cannot, they may still hold it: nothing is sent (false), the outcome stays unknown.
   */
  sendAgain(): boolean {
    if (this.final?.stage === 'submit') return false;
    this.resolving = false;
    this.sentAgain = true;
    return true;
  }
}
