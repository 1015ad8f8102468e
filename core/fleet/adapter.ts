import { z } from 'zod';

/** A name that is also a part of a key and of a path. */
const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'letters, digits, dots, hyphens and underscores, at most 64, the first a letter or a digit',
  );

const shared = {
  /** As users name it in `body.model`. */
  id: name,
  /** Of its matrices (`r` in its adapter_config.json): an engine takes none that is higher than it was started for. */
  rank: z.number().int().positive().max(512).default(16),
};

/** A LoRA adapter on a Fleet's model: a model of its own to users, on the same engines. */
export const adapterSchema = z.discriminatedUnion('source', [
  z.strictObject({
    ...shared,
    source: z.literal('bucket'),
    /** On the Hugging Face hub, where the model bucket's copy comes from. */
    repository: z.string().min(1),
    /** The commit. */
    revision: name,
  }),
  z.strictObject({
    ...shared,
    source: z.literal('folder'),
    /** On the machine of the Task. */
    path: z.string().startsWith('/'),
  }),
]);
export type Adapter = z.infer<typeof adapterSchema>;
