export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** The template's properties with every intrinsic resolved to a plain value. */
  readonly properties: Record<string, unknown>;
}
