/**
 * Money is whole micro-dollars, energy whole watt-hours, prices micro-dollars per kilowatt-hour.
 * Sums are made in BigInt; JSON carries a number up to 2^53 − 1 and a decimal string past it.
 */
export type Amount = number | string;

export function amountOf(value: bigint): Amount {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? (plain === 0 ? 0 : plain) : value.toString();
}

/**
 * wh × µ$/kWh in whole µ$, rounded down: the account never gains from rounding, and what is left
 * over (under one micro-dollar a line) stays with the operator, whose line is the exact opposite.
 */
export function worth(wh: number, microPerKwh: number): bigint {
  const product = BigInt(wh) * BigInt(microPerKwh);
  const whole = product / 1000n;
  return product < 0n && product % 1000n !== 0n ? whole - 1n : whole;
}
