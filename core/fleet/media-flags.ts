/**
 * To vLLM no domain at all means every domain. `.invalid` is reserved (RFC 2606): no host is ever named so, and users
 * read the name in the error.
 */
const NO_DOMAIN = 'media-by-url-is-not-allowed.invalid';

/** Flags of `vllm serve` that let it fetch media from these hosts alone; from none, where there are none. */
export const mediaFlags = (domains: readonly string[]): readonly string[] => [
  '--allowed-media-domains',
  ...(domains.length === 0 ? [NO_DOMAIN] : domains),
];

/** Goes with them: else a host that is allowed could send vLLM on to any other. */
export const MEDIA_ENVIRONMENT = { VLLM_MEDIA_URL_ALLOW_REDIRECTS: '0' } as const;
