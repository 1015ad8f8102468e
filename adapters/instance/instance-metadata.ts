import { request } from 'undici';

const TOKEN_SECONDS = 21_600;
const TIMEOUT_MS = 1000;

/** Notices of the EC2 instance metadata service, version 2 (a session token for every read). */
export function instanceMetadata(endpoint: string) {
  const base = endpoint.replace(/\/+$/, '');
  let token: string | null = null;

  async function newToken(): Promise<string> {
    const answer = await request(`${base}/latest/api/token`, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200)
      throw new Error(`The instance metadata gave no token: ${answer.statusCode}.`);
    return text;
  }

  /** The text at `path`, or null where there is none. */
  async function read(path: string): Promise<string | null> {
    for (let tries = 1; ; tries++) {
      token ??= await newToken();
      const answer = await request(`${base}/latest/meta-data/${path}`, {
        headers: { 'x-aws-ec2-metadata-token': token },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await answer.body.text();
      if (answer.statusCode === 200) return text;
      if (answer.statusCode === 404) return null;
      // The token has expired.
      if (answer.statusCode === 401) token = null;
      if (tries === 2) throw new Error(`The instance metadata answered ${answer.statusCode} for ${path}.`);
    }
  }

  return {
    /** When the instance is taken away, as a spot instance action says; null: no notice. */
    async interruptionAtMs(): Promise<number | null> {
      const text = await read('spot/instance-action');
      if (text === null) return null;
      const { time } = JSON.parse(text) as { readonly time: string };
      return Date.parse(time);
    },
    async isRebalanceRecommended(): Promise<boolean> {
      return (await read('events/recommendations/rebalance')) !== null;
    },
  };
}
