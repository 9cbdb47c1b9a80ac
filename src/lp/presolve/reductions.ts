/** One step of presolve, with what is needed to undo it. Costs are those at the time (minimisation). */
export type Reduction =
  /** The row holds by itself. */
  | { readonly kind: 'redundant-row'; readonly row: number }
  /** a x_j alone in its row became bounds of x_j, which were [lower, upper] before. */
  | {
      readonly kind: 'singleton-row';
      readonly row: number;
      readonly column: number;
      readonly a: number;
      readonly lower: number;
      readonly upper: number;
      readonly raisedLower: boolean;
      readonly loweredUpper: boolean;
    }
  /** The column stands at a value: fixed, without rows, or dominated. */
  | { readonly kind: 'fixed-column'; readonly column: number; readonly at: number; readonly cost: number }
  /** Only one point of the bounds satisfies the row: its columns stand at it. `side` is 1 where the lower limit forces. */
  | {
      readonly kind: 'forcing-row';
      readonly row: number;
      readonly side: 1 | -1;
      readonly columns: readonly {
        readonly column: number;
        readonly a: number;
        readonly at: number;
        readonly cost: number;
      }[];
    }
  /** A column without cost in one row only served as its slack; the row had [rowLower, rowUpper] before. */
  | {
      readonly kind: 'slack-column';
      readonly row: number;
      readonly column: number;
      readonly a: number;
      readonly rowLower: number;
      readonly rowUpper: number;
      readonly others: readonly (readonly [number, number])[];
    }
  /** A column in one row only, whose bounds that row implies: both left, the row as an equation at `side`. */
  | {
      readonly kind: 'free-column';
      readonly row: number;
      readonly column: number;
      readonly a: number;
      readonly price: number;
      readonly side: number;
      readonly atLower: boolean;
      readonly others: readonly (readonly [number, number])[];
    }
  /** Row `row` is `factor` times row `kept`, which took over its limits where they were tighter. */
  | {
      readonly kind: 'duplicate-row';
      readonly row: number;
      readonly kept: number;
      readonly factor: number;
      readonly tookLower: boolean;
      readonly tookUpper: boolean;
    }
  /** Column `column` is `factor` times column `kept`, cost included; x_kept stands for x_kept + factor x_column. */
  | {
      readonly kind: 'duplicate-column';
      readonly column: number;
      readonly kept: number;
      readonly factor: number;
      readonly lower: number;
      readonly upper: number;
      readonly keptLower: number;
      readonly keptUpper: number;
    };
