import type { RepositoryFile } from './repository-file.ts';

/** The Hugging Face hub, or a mirror of it. All calls throw HubRefused where the hub says no. */
export interface ModelHub {
  /** The commit that a branch, a tag or a commit stands for. */
  commitOf(repository: string, revision: string): Promise<string>;
  filesOf(repository: string, commit: string): Promise<readonly RepositoryFile[]>;
  /** A file's bytes, unchecked; goes on where a connection broke. */
  read(source: FileSource, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
export interface FileSource {
  readonly repository: string;
  readonly commit: string;
  readonly file: RepositoryFile;
}

/** Where a pull puts files: the model bucket. */
export interface ModelUploads {
  /** Whether a key holds these bytes already, by the size and the digest that were stored with them. */
  holds(key: string, file: RepositoryFile): Promise<boolean>;
  /** Stores a stream; nothing is stored where the stream fails. */
  store(key: string, file: RepositoryFile, body: AsyncIterable<Uint8Array>): Promise<void>;
  storeText(key: string, text: string): Promise<void>;
}

/** Hears how far a pull is. */
export interface PullListener {
  chosen(pull: ChosenFiles): void;
  received(bytes: number): void;
  /** `kept`: it was there already. */
  settled(file: RepositoryFile, outcome: 'stored' | 'kept'): void;
}
export interface ChosenFiles {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly RepositoryFile[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}
