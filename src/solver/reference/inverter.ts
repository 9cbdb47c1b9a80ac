/** Twins of assembly/device/inverter.ts; rows of T targets are replaced by the answers. */

export function proxSolar(p: Float64Array, forecast: Float64Array, curtailable: boolean): void {
  for (let t = 0; t < p.length; t += 1) {
    const top = forecast[t]!;
    const value = p[t]!;
    p[t] = !curtailable || value > top ? top : Math.max(value, 0);
  }
}

export function proxDisc(p: Float64Array, q: Float64Array, rating: number): void {
  for (let t = 0; t < p.length; t += 1) {
    const s = Math.sqrt(p[t]! * p[t]! + q[t]! * q[t]!);
    if (s > rating) {
      const factor = rating / s;
      p[t] = p[t]! * factor;
      q[t] = q[t]! * factor;
    }
  }
}

export function proxSolarInverter(
  p: Float64Array,
  q: Float64Array,
  forecast: Float64Array,
  curtailable: boolean,
  rating: number,
): void {
  for (let t = 0; t < p.length; t += 1) {
    const sun = forecast[t]!;
    const top = Math.min(sun, rating);
    const pHat = p[t]!;
    const qHat = q[t]!;
    let x = !curtailable || pHat > top ? top : Math.max(pHat, 0);
    let y = qHat;
    if (x * x + y * y > rating * rating) {
      if (curtailable) {
        const s = Math.sqrt(pHat * pHat + qHat * qHat);
        const radial = (pHat * rating) / s;
        x = radial > top ? top : Math.max(radial, 0);
      }
      const room = rating * rating - x * x;
      const side = Math.sqrt(Math.max(room, 0));
      y = qHat < 0 ? -side : side;
      if (side > Math.abs(qHat)) y = qHat;
    }
    p[t] = x;
    q[t] = y;
  }
}

export function proxShed(
  p: Float64Array,
  q: Float64Array,
  weight: number,
  offered: Float64Array,
  ratio: Float64Array,
  price: number,
): number {
  let total = 0;
  for (let t = 0; t < p.length; t += 1) {
    const k = ratio[t]!;
    const top = offered[t]!;
    const best = (weight * (p[t]! + k * q[t]!) - price) / (weight * (1 + k * k));
    const x = best < 0 ? 0 : Math.min(best, top);
    p[t] = x;
    q[t] = k * x;
    total += x;
  }
  return price * total;
}
