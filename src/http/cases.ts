import { CrowdwattError } from '../errors.js';
import { documentHash } from '../market/document-hash.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import type { Store } from './store.js';

export interface CaseCard {
  /** First 32 digits of the SHA-256 of the document: the same case has the same id everywhere. */
  readonly id: string;
  readonly name: string;
  readonly buses: number;
  readonly periods: number;
  readonly crowdsourcees: number;
  readonly uploadedAt: number;
}

const CARDS = 'case-cards';
const CASES = 'cases';

/** The cases that were handed in, checked once, kept as they came. */
export class CaseShelf {
  readonly #cards = new Map<string, CaseCard>();

  private constructor(private readonly store: Store) {}

  static async load(store: Store): Promise<CaseShelf> {
    const shelf = new CaseShelf(store);
    for (const id of await store.names(CARDS)) {
      const card = await store.get<CaseCard>(CARDS, id);
      if (card) shelf.#cards.set(id, card);
    }
    return shelf;
  }

  list(): CaseCard[] {
    return [...this.#cards.values()].sort((a, b) => a.uploadedAt - b.uploadedAt);
  }

  /** @throws CrowdwattError `http/not-found` */
  get(id: string): CaseCard {
    const card = this.#cards.get(id);
    if (!card)
      throw new CrowdwattError('http/not-found', `there is no case ${id}; hand it in with POST /api/cases`, { id });
    return card;
  }

  /** @throws CrowdwattError `input/*`, `case/*` */
  async add(value: unknown): Promise<{ card: CaseCard; isNew: boolean }> {
    const source = parseCase(value);
    const id = documentHash(source).slice(0, 32);
    const known = this.#cards.get(id);
    if (known) return { card: known, isNew: false };
    const { name, buses, periods, crowdsourcees } = source;
    const card: CaseCard = {
      id,
      name,
      buses: buses.length,
      periods,
      crowdsourcees: crowdsourcees.length,
      uploadedAt: Date.now(),
    };
    // The card last: a case that is listed can be read.
    await this.store.put(CASES, id, source);
    await this.store.put(CARDS, id, card);
    this.#cards.set(id, card);
    return { card, isNew: true };
  }

  /** The case with everything in it: for solving and running, never for answers. */
  async read(id: string): Promise<Case> {
    this.get(id);
    const source = await this.store.get<Case>(CASES, id);
    if (!source) throw new CrowdwattError('http/not-found', `the case ${id} is gone from the data folder`, { id });
    return source;
  }
}
