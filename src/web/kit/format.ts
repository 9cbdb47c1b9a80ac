const MICRO = 1e6;

/** Micro-dollars (a number, or digits where it is large) as dollars. */
export function dollars(micro: number | string, digits = 2): string {
  const value = Number(micro) / MICRO;
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${value < 0 && Number(text) !== 0 ? '−' : ''}$${text}`;
}

export function number(value: number, digits = 2): string {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

export function energy(wh: number): string {
  if (Math.abs(wh) >= 1e6) return `${number(wh / 1e6, 2)} MWh`;
  return Math.abs(wh) >= 1000 ? `${number(wh / 1000, 1)} kWh` : `${number(wh, 0)} Wh`;
}

/** µ$/kWh as cents per kWh. */
export const cents = (microPerKwh: number): string => `${number(microPerKwh / 1e4, 2)} ¢/kWh`;

const two = (value: number) => String(value).padStart(2, '0');

/** Start of a period in the day's own time. */
export function clock(period: number, minutesPerPeriod: number): string {
  const minutes = period * minutesPerPeriod;
  return `${two(Math.floor(minutes / 60) % 24)}:${two(Math.round(minutes % 60))}`;
}

export const span = (period: number, minutes: number): string =>
  `${clock(period, minutes)}–${clock(period + 1, minutes)}`;

export const short = (hash: string): string => (hash.length > 20 ? `${hash.slice(0, 10)}…${hash.slice(-6)}` : hash);

export function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds >= 3600
    ? `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`
    : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `AcceptOffer` as `Accept offer`. */
export const words = (name: string): string =>
  name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
