/** What an importer could not carry over exactly, grouped so that a thousand lines make one sentence. */
export class Notes {
  private readonly byText = new Map<string, string[]>();

  add(text: string, id?: string): void {
    const ids = this.byText.get(text);
    if (ids === undefined) this.byText.set(text, id === undefined ? [] : [id]);
    else if (id !== undefined) ids.push(id);
  }

  /** One sentence a kind, with how many elements and the first few of them. */
  list(): string[] {
    return [...this.byText].map(([text, ids]) => {
      if (ids.length === 0) return text;
      const shown = ids.slice(0, 5).join(', ');
      return `${text} (${ids.length}: ${shown}${ids.length > 5 ? ', …' : ''})`;
    });
  }
}

/** A case and what was lost on the way to it. */
export interface Imported<Case> {
  readonly case: Case;
  readonly approximations: readonly string[];
  readonly leftOut: readonly string[];
}
