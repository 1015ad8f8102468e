export interface ClockOptions {
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * AWS's clock less this machine's, in whole seconds. Asked without a signature, which AWS would refuse where the two
 * differ much. Throws where the answer has no date.
 */
export async function clockSkew(
  url: string,
  { nowMs, signal }: ClockOptions,
): Promise<{ readonly skewMs: number }> {
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
  const saidAtMs = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(saidAtMs)) throw new Error(`${url} tells no time.`);
  return { skewMs: saidAtMs - nowMs() };
}
