import { InvalidArgumentError } from 'commander';

/** A parser of option values for commander: a finite number within bounds. */
export function numberBetween(low: number, high: number, words: string) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || value < low || value > high) throw new InvalidArgumentError(`It must be ${words}.`);
    return value;
  };
}

export function integerBetween(low: number, high: number) {
  return (text: string): number => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** τ */
export const tolerance = numberBetween(1e-12, 0.1, 'a number from 1e-12 to 0.1');
export const workers = integerBetween(1, 16);
export const seconds = numberBetween(0, 1e9, 'a number of seconds, 0 or more');
export const iterations = integerBetween(1, 1_000_000_000);
