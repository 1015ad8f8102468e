type LogField =
  | string
  | number
  | boolean
  | null
  | readonly LogField[]
  | { readonly [name: string]: LogField };

/** Adds a line to the log; fields are ids, numbers and kinds, never what a Request, an answer or a message carries. */
export type Log = (message: string, fields: Readonly<Record<string, LogField>>) => void;
