/** A request that a client may send straight to the object store. */
export interface PresignedPut {
  readonly url: string;
  /** Signed: the client must send them as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

export type CompleteResult = 'completed' | 'gone' | 'incomplete';

/** Permissions by URL, and the multipart uploads that some of them need. */
export interface Presigner {
  /** One PUT of exactly `sizeBytes` under a key that must be free. */
  put(key: string, sizeBytes: number): Promise<PresignedPut>;
  /** A GET that downloads under the given filename. */
  get(key: string, filename: string): Promise<string>;
  createMultipart(key: string): Promise<string>;
  /** Parts count from 1. */
  part(key: string, s3UploadId: string, partNumber: number): Promise<string>;
  /** Joins the parts. `gone`: the upload was completed or aborted before. `incomplete`: not all of them have come. */
  completeMultipart(key: string, s3UploadId: string, parts: number): Promise<CompleteResult>;
  abortMultipart(key: string, s3UploadId: string): Promise<void>;
}
