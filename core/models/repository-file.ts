/** What the hub knows a file's bytes by: large files by their SHA-256, others as git does. */
export interface FileDigest {
  readonly algorithm: 'sha256' | 'git-blob-sha1';
  readonly hex: string;
}

/** A file of a repository on the hub at one commit. */
export interface RepositoryFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly digest: FileDigest;
}
