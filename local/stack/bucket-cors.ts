import { z } from 'zod';
import type { CorsRule } from '../s3/cors.ts';
import { parseProperties } from '../template/properties.ts';
import type { Resource } from '../template/resource.ts';

const texts = z.array(z.string());

const schema = z.object({
  CorsConfiguration: z
    .object({
      CorsRules: z.array(
        z.object({
          AllowedOrigins: texts,
          AllowedMethods: texts,
          AllowedHeaders: texts.default([]),
          ExposedHeaders: texts.optional(),
          MaxAge: z.coerce.number().optional(),
        }),
      ),
    })
    .optional(),
});

/** The CORS rules of an AWS::S3::Bucket. */
export function bucketCors(resource: Resource): CorsRule[] {
  const { CorsConfiguration } = parseProperties(resource, schema);
  return (CorsConfiguration?.CorsRules ?? []).map((rule) => ({
    allowedOrigins: rule.AllowedOrigins,
    allowedMethods: rule.AllowedMethods,
    allowedHeaders: rule.AllowedHeaders,
    ...(rule.ExposedHeaders && { exposedHeaders: rule.ExposedHeaders }),
    ...(rule.MaxAge !== undefined && { maxAgeSeconds: rule.MaxAge }),
  }));
}
