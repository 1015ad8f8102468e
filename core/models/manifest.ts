import { z } from 'zod';

/** A file of a repository, from its root, with slashes; it can lead nowhere outside the folder that it is put into. */
const repositoryPath = z
  .string()
  .min(1)
  .refine(
    (path) => path.split('/').every((part) => !['', '.', '..'].includes(part)),
    'a path below the folder',
  );

/** `slackline.json`: what a folder of the model bucket holds. A folder without it is not whole: do not use it. */
export const modelManifestSchema = z.strictObject({
  /** On the Hugging Face hub. */
  repository: z.string().min(1),
  /** The commit. */
  revision: z.string().min(1),
  files: z
    .array(
      z.strictObject({
        path: repositoryPath,
        bytes: z.number().int().nonnegative(),
        /** In hex; the hub knows it of large files alone. */
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      }),
    )
    .nonempty(),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
