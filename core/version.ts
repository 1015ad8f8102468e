/** What is deployed: the package's version, and the commit that it was synthesized from. */
export interface Version {
  readonly version: string;
  /** Null where there was no repository, or one with changes that no commit holds. */
  readonly commit: string | null;
}

/** As one text: the commit is SemVer's build metadata, behind a plus (semver.org, rule 10). */
export const formatVersion = ({ version, commit }: Version): string =>
  commit === null ? version : `${version}+${commit}`;

/** Takes apart what `formatVersion` made. */
export function parseVersion(text: string): Version {
  const [version = '', commit = null] = text.split('+');
  return { version, commit };
}
