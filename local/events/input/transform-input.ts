import { readPath } from './json-path.ts';

export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>> | undefined;
  readonly InputTemplate: string;
}

export interface TransformSubject {
  readonly event: unknown;
  readonly ruleArn: string;
  readonly ruleName: string;
}

/**
 * Fills a target's input template (EventBridge user guide, "input transformation"): a placeholder inside a
 * JSON text becomes text, one outside becomes JSON. Throws if what comes out is not JSON.
 */
export function transformInput(transformer: InputTransformer, subject: TransformSubject): unknown {
  const { InputTemplate: template } = transformer;
  let filled = '';
  let inText = false;
  for (const token of template.match(/\\.|<[^<>\s]+>|"|[^\\"<]+|./gs) ?? []) {
    if (token === '"') inText = !inText;
    filled +=
      token.length > 2 && token.startsWith('<') ? fill(token, inText, { transformer, subject }) : token;
  }
  try {
    return JSON.parse(filled);
  } catch (error) {
    throw new Error(`The InputTemplate ${template} does not make JSON: ${(error as Error).message}`);
  }
}

interface Sources {
  readonly transformer: InputTransformer;
  readonly subject: TransformSubject;
}

function fill(placeholder: string, inText: boolean, sources: Sources): string {
  const value = variable(placeholder.slice(1, -1), sources);
  if (!inText) return JSON.stringify(value ?? null);
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return JSON.stringify(value === undefined ? '' : text).slice(1, -1);
}

function variable(name: string, { transformer, subject }: Sources): unknown {
  switch (name) {
    case 'aws.events.rule-arn':
      return subject.ruleArn;
    case 'aws.events.rule-name':
      return subject.ruleName;
    case 'aws.events.event':
    case 'aws.events.event.json':
      return subject.event;
    case 'aws.events.event.ingestion-time':
      return readPath(subject.event, '$.time');
    default: {
      const path = transformer.InputPathsMap?.[name];
      if (path === undefined)
        throw new Error(`The InputTemplate names <${name}>, which InputPathsMap has not.`);
      return readPath(subject.event, path);
    }
  }
}
