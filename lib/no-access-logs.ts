/** Why our buckets log no access (AwsSolutions-S1). */
export const NO_ACCESS_LOGS =
  'An access log holds the whole query of a presigned URL, which is a secret while it is valid. CloudTrail data events, which do not, say who read what where an account wants to know.';
