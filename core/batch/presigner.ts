/** A request that a client may send straight to the object store. */
export interface PresignedPut {
  readonly url: string;
  /** Signed: the client must send them as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PartToSend {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
}

export type CompleteResult = 'completed' | 'gone' | 'incomplete';

/** Permissions by URL, and the multipart uploads that some of them need. */
export interface Presigner {
  /** One PUT of exactly `sizeBytes` under a key that must be free. */
  put(key: string, sizeBytes: number): Promise<PresignedPut>;
  /** A GET that downloads under the given filename. */
  get(key: string, filename: string): Promise<string>;
  createMultipart(key: string): Promise<string>;
  /** One PUT of exactly that part's bytes. */
  part(key: string, s3UploadId: string, part: PartToSend): Promise<PresignedPut>;
  /** Joins the parts. `gone`: the upload was completed or aborted before. `incomplete`: not all of them have come. */
  completeMultipart(key: string, s3UploadId: string, parts: number): Promise<CompleteResult>;
  abortMultipart(key: string, s3UploadId: string): Promise<void>;
}
