/** What one check found. `mend` is the command, or the one step, after which it passes. */
export type Finding =
  | { readonly kind: 'passed'; readonly check: string; readonly says: string }
  /** Nothing to check, or nothing to check it with; no failure. */
  | { readonly kind: 'skipped'; readonly check: string; readonly says: string }
  | { readonly kind: 'failed'; readonly check: string; readonly says: string; readonly mend: string };

export const passed = (check: string, says: string): Finding => ({ kind: 'passed', check, says });
export const skipped = (check: string, says: string): Finding => ({ kind: 'skipped', check, says });
export const failed = (check: string, says: string, mend: string): Finding => ({
  kind: 'failed',
  check,
  says,
  mend,
});
