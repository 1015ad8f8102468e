/** What a deletion cannot reach, and when it goes by itself (docs/retention.md). */
export const describeBackups = (tenant: string): string => `
What goes by itself:
- point-in-time backups of the table hold its records until they are backupDays old (config/profiles; at most 35);
  exports and backups that you made yourself, until you delete them
- logs hold ids and no content, for logRetentionDays
- histories of state machines hold ids, for 90 days; messages that were set aside, for 14 days
After a restore of a table that is older than this, run it again: npm run tenants -- delete ${tenant} --yes`;
