/** Rows as aligned columns; a cell that reads as a number is set to the right. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) for (const [k, cell] of row.entries()) widths[k] = Math.max(widths[k] ?? 0, cell.length);
  return rows
    .map((row) => {
      const cells = row.map((cell, k) =>
        /^[-+]?[\d.]/.test(cell) ? cell.padStart(widths[k]!) : cell.padEnd(widths[k]!),
      );
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
