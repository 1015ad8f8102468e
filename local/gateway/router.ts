import type { Method } from './method.ts';
import type { RestApi } from './rest-api.ts';

export interface Route {
  readonly method: Method;
  /** The resource's path with its parameters, such as `/v1/files/{id}`. */
  readonly resourcePath: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

interface Node {
  readonly path: string;
  readonly methods: Map<string, Method>;
  readonly children: Map<string, Node>;
}

export interface Router {
  /** The request path without the stage, if it starts with it. */
  withoutStage(path: string): string;
  find(httpMethod: string, path: string): Route | undefined;
}

/** Routes as API Gateway does: a literal segment before `{name}`, that before `{name+}`, ANY last. */
export function createRouter(api: RestApi): Router {
  const root = buildTree(api);
  return {
    withoutStage(path) {
      const [, first, ...rest] = path.split('/');
      return first === api.stage && !root.children.has(first) ? `/${rest.join('/')}` : path;
    },
    find(httpMethod, path) {
      const segments = path.split('/').slice(1);
      if (segments.at(-1) === '') segments.pop();
      const match = descend(root, segments, {});
      const method = match?.node.methods.get(httpMethod) ?? match?.node.methods.get('ANY');
      if (match === undefined || method === undefined) return undefined;
      const { parameters, node } = match;
      const hasParameters = Object.keys(parameters).length > 0;
      return { method, resourcePath: node.path, pathParameters: hasParameters ? parameters : null };
    },
  };
}

interface Match {
  readonly node: Node;
  readonly parameters: Readonly<Record<string, string>>;
}

function descend(
  node: Node,
  segments: readonly string[],
  parameters: Match['parameters'],
): Match | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return node.methods.size > 0 ? { node, parameters } : undefined;
  const literal = node.children.get(segment);
  const exact = literal && descend(literal, rest, parameters);
  if (exact !== undefined || segment === '') return exact;
  for (const [part, child] of node.children) {
    const name = /^\{([^+}]+)\}$/.exec(part)?.[1];
    const found = name && descend(child, rest, { ...parameters, [name]: decode(segment) });
    if (found) return found;
  }
  for (const [part, child] of node.children) {
    const name = /^\{([^+}]+)\+\}$/.exec(part)?.[1];
    if (name) return { node: child, parameters: { ...parameters, [name]: decode(segments.join('/')) } };
  }
  return undefined;
}

function buildTree(api: RestApi): Node {
  const nodes = new Map<string, Node>([[api.rootId, newNode('/')]]);
  const nodeOf = (id: string): Node => {
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const resource = api.resources.get(id);
    if (resource === undefined) throw new Error(`The REST API has no resource ${id}.`);
    const parent = nodeOf(resource.parentId);
    const node = newNode(`${parent.path === '/' ? '' : parent.path}/${resource.pathPart}`);
    parent.children.set(resource.pathPart, node);
    nodes.set(id, node);
    return node;
  };
  for (const id of api.resources.keys()) nodeOf(id);
  for (const method of api.methods) nodeOf(method.resourceId).methods.set(method.httpMethod, method);
  return nodeOf(api.rootId);
}

function newNode(path: string): Node {
  return { path, methods: new Map(), children: new Map() };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
