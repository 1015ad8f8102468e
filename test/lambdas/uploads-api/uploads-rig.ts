import type OpenAI from 'openai';
import type { TenantId, UploadId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { DirectUpload } from '../../../core/wire/upload.ts';
import type { filesRig } from '../files-rig.ts';

export const TENANT = 'acme' as TenantId;
export const MiB = 1024 * 1024;

type Rig = ReturnType<typeof filesRig>;
type Created = OpenAI.Upload & { readonly slackline: DirectUpload };

export async function createUpload(rig: Rig, bytes: number, rest: Partial<OpenAI.UploadCreateParams> = {}) {
  const client = rig.clientOf('acme');
  const fields = { filename: 'a.jsonl', purpose: 'batch', mime_type: 'application/jsonl' } as const;
  const upload = (await client.uploads.create({ ...fields, bytes, ...rest })) as Created;
  return { client, upload };
}

export const sendPart = (client: OpenAI, uploadId: string, text: string) =>
  client.uploads.parts.create(uploadId, { data: new File([text], 'part') });

export function partsOf({ slackline }: Created) {
  if (!('parts' in slackline)) throw new Error('one PUT');
  return slackline.parts;
}
export function putOf({ slackline }: Created) {
  if (!('put' in slackline)) throw new Error('parts');
  return slackline.put;
}

/** An Upload of two parts, declared as small as its bytes: the fakes hold no hundreds of megabytes. */
export async function multipartUpload(rig: Rig, sizeBytes: number) {
  const { client, upload } = await createUpload(rig, 120 * MiB);
  await rig.records.change(recordKeys.upload(TENANT, upload.id as UploadId), (current) => ({
    kind: 'put',
    record: { ...current, sizeBytes, transfer: { ...current?.transfer, parts: 2 } } as never,
    result: null,
  }));
  return { client, upload };
}

export const complete = (rig: Rig, id: string, body: unknown, tenant?: string) =>
  rig.call(`/uploads/${id}/complete`, { method: 'POST', body: JSON.stringify(body) }, tenant);
export const cancel = (rig: Rig, id: string) => rig.call(`/uploads/${id}/cancel`, { method: 'POST' });
