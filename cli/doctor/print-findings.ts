import type { Finding } from '../../core/doctor/finding.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** A line for each finding, and below a failed one what mends it. */
export function printFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map((finding) => {
      const line = `${MARKS[finding.kind]} ${finding.check.padEnd(width)}  ${finding.says}`;
      return finding.kind === 'failed' ? `${line}\n  ${' '.repeat(width)}  → ${finding.mend}` : line;
    })
    .map((text) => `${text}\n`)
    .join('');
}
