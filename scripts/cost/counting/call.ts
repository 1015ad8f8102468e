/** One line of a counting run: a call to AWS, or an invocation served. */
export interface Call {
  /** The folder of the function in lambdas/, or `gpu-task`. */
  readonly caller: string;
  /** `DynamoDB_20120810.GetItem`, `S3 PUT ?x-id=PutObject`, `lambda Invoke`. */
  readonly operation: string;
  readonly status: number;
  /** The body, but of objects. */
  readonly sent: string;
  readonly receivedBytes: number;
  /** Of an invocation alone. */
  readonly wallMs?: number;
  readonly cpuMs?: number;
}
