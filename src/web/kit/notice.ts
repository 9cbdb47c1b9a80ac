let timer: number | undefined;

function say(id: 'status' | 'alert', text: string, seconds: number): void {
  const place = document.getElementById(id)!;
  // Emptied first: a live region tells of the same words again only if they have been away.
  place.textContent = '';
  requestAnimationFrame(() => {
    place.textContent = text;
  });
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const each of ['status', 'alert']) document.getElementById(each)!.textContent = '';
  }, seconds * 1000) as unknown as number;
}

/** Told to everybody, also to a screen reader, without taking the focus. */
export const tell = (text: string): void => say('status', text, 6);
export const warn = (text: string): void => say('alert', text, 12);

export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Does what a button asks for: the button is busy meanwhile, and what goes wrong is said. */
export async function attempt(button: HTMLButtonElement | null, work: () => Promise<void>): Promise<void> {
  if (button?.getAttribute('aria-busy') === 'true') return;
  button?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (thrown) {
    warn(messageOf(thrown));
  } finally {
    button?.removeAttribute('aria-busy');
  }
}
