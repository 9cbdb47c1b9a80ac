// Proxes on boxes and inverter discs, one period at a time.

/** 0 ≤ p ≤ forecast; p = forecast where the source is not curtailable. T targets in place. */
export function proxSolar(at: usize, periods: i32, forecast: usize, curtailable: bool): void {
  for (let o: usize = 0; o < <usize>periods << 3; o += 8) {
    const top = load<f64>(forecast + o);
    const p = load<f64>(at + o);
    store<f64>(at + o, !curtailable || p > top ? top : p < 0 ? 0 : p);
  }
}

/** Nearest point of {p² + q² ≤ rating²} (p and q weigh alike). Rows p and q of T numbers in place. */
export function proxDisc(p: usize, q: usize, periods: i32, rating: f64): void {
  for (let o: usize = 0; o < <usize>periods << 3; o += 8) {
    const pHat = load<f64>(p + o);
    const qHat = load<f64>(q + o);
    const s = sqrt<f64>(pHat * pHat + qHat * qHat);
    if (s > rating) {
      const factor = rating / s;
      store<f64>(p + o, pHat * factor);
      store<f64>(q + o, qHat * factor);
    }
  }
}

/**
 * Nearest point of {0 ≤ p ≤ forecast, p² + q² ≤ rating²}; p = min(forecast, rating) where the source
 * is not curtailable. On the disc the nearest point is the radial one if that meets the box, else the
 * corner of box and disc.
 */
export function proxSolarInverter(p: usize, q: usize, periods: i32, forecast: usize, curtailable: bool, rating: f64): void {
  for (let o: usize = 0; o < <usize>periods << 3; o += 8) {
    const sun = load<f64>(forecast + o);
    const top = sun > rating ? rating : sun;
    const pHat = load<f64>(p + o);
    const qHat = load<f64>(q + o);
    let x = !curtailable || pHat > top ? top : pHat < 0 ? 0 : pHat;
    let y = qHat;
    if (x * x + y * y > rating * rating) {
      if (curtailable) {
        const s = sqrt<f64>(pHat * pHat + qHat * qHat);
        const radial = (pHat * rating) / s;
        x = radial > top ? top : radial < 0 ? 0 : radial;
      }
      const room = rating * rating - x * x;
      const side = sqrt<f64>(room > 0 ? room : 0);
      y = qHat < 0 ? -side : side;
      if (side > abs<f64>(qHat)) y = qHat;
    }
    store<f64>(p + o, x);
    store<f64>(q + o, y);
  }
}

/** Load shed at a price: q = ratio·p, 0 ≤ p ≤ offered. Returns cost·Σp. */
export function proxShed(p: usize, q: usize, periods: i32, weight: f64, offered: usize, ratio: usize, price: f64): f64 {
  let total: f64 = 0;
  for (let o: usize = 0; o < <usize>periods << 3; o += 8) {
    const k = load<f64>(ratio + o);
    const top = load<f64>(offered + o);
    const best = (weight * (load<f64>(p + o) + k * load<f64>(q + o)) - price) / (weight * (1 + k * k));
    const x = best < 0 ? 0 : best > top ? top : best;
    store<f64>(p + o, x);
    store<f64>(q + o, k * x);
    total += x;
  }
  return price * total;
}
