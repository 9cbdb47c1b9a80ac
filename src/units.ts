/**
 * Units at the borders of the program. Inside the solvers everything is per unit; on the ledger
 * everything is an integer: energy in watt-hours, money in micro-dollars, prices in micro-dollars
 * per kilowatt-hour (1 $/MWh = 1000 µ$/kWh).
 */

const MICRO_PER_DOLLAR = 1_000_000;

/** Energy of `mw` held for `hours`, rounded to whole watt-hours. */
export function wattHours(mw: number, hours: number): number {
  return safeInteger(Math.round(mw * hours * 1e6), 'energy');
}

/** A price in $/MWh as whole micro-dollars per kilowatt-hour. */
export function microPerKwh(dollarsPerMwh: number): number {
  return safeInteger(Math.round(dollarsPerMwh * 1000), 'price');
}

/** An amount in $ as whole micro-dollars. */
export function microDollars(dollars: number): number {
  return safeInteger(Math.round(dollars * MICRO_PER_DOLLAR), 'amount');
}

/** Micro-dollars as $ for people; never used for bookkeeping. */
export function dollars(micro: number | bigint): number {
  return Number(micro) / MICRO_PER_DOLLAR;
}

function safeInteger(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${what} ${value} does not fit a safe integer`);
  return value === 0 ? 0 : value;
}
