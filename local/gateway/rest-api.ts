import { z } from 'zod';
import type { Deployment, Resource } from '../template/deployment.ts';
import { parseProperties } from '../template/properties.ts';
import { type Authorizer, readAuthorizer } from './authorizer-definition.ts';
import { type GatewayResponse, readGatewayResponse } from './gateway-response-definition.ts';
import { type Method, readMethod } from './method.ts';

export interface RestApi {
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly binaryMediaTypes: readonly string[];
  readonly rootId: string;
  /** Path part and parent of each resource but the root, by resource id. */
  readonly resources: ReadonlyMap<string, { readonly parentId: string; readonly pathPart: string }>;
  readonly methods: readonly Method[];
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly responses: ReadonlyMap<string, GatewayResponse>;
}

const apiSchema = z.object({ BinaryMediaTypes: z.array(z.string()).default([]) });
const resourceSchema = z.object({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() });
const stageSchema = z.object({
  StageName: z.string(),
  Variables: z.record(z.string(), z.coerce.string()).default({}),
});

/** Reads the one REST API of a deployment with its one stage; throws where there is none or another. */
export function readRestApi(deployment: Deployment): RestApi {
  const api = onlyOne(deployment, 'AWS::ApiGateway::RestApi');
  const idOf = (resource: Resource) => deployment.physical(resource.logicalId, resource.stack);
  const id = idOf(api);
  const partsOf = (type: string) =>
    deployment.ofType(type).filter((resource) => resource.properties['RestApiId'] === id);
  const stage = parseProperties(onlyOne(deployment, 'AWS::ApiGateway::Stage'), stageSchema);
  const responses = partsOf('AWS::ApiGateway::GatewayResponse').map(readGatewayResponse);
  return {
    id,
    stage: stage.StageName,
    stageVariables: stage.Variables,
    binaryMediaTypes: parseProperties(api, apiSchema).BinaryMediaTypes.map((type) => type.replace('~1', '/')),
    rootId: String(deployment.attribute(api.logicalId, 'RootResourceId', api.stack)),
    resources: new Map(
      partsOf('AWS::ApiGateway::Resource').map((resource) => {
        const { ParentId, PathPart } = parseProperties(resource, resourceSchema);
        return [idOf(resource), { parentId: ParentId, pathPart: PathPart }];
      }),
    ),
    methods: partsOf('AWS::ApiGateway::Method').map(readMethod),
    authorizers: new Map(
      partsOf('AWS::ApiGateway::Authorizer').map((resource) => [idOf(resource), readAuthorizer(resource)]),
    ),
    responses: new Map(responses.map((response) => [response.type, response])),
  };
}

function onlyOne(deployment: Deployment, type: string): Resource {
  const [found, another] = deployment.ofType(type);
  if (found === undefined) throw new Error(`The deployment has no ${type} for the local gateway to serve.`);
  if (another !== undefined) {
    throw new Error(
      `The local gateway serves one ${type}; there are ${found.logicalId} and ${another.logicalId}.`,
    );
  }
  return found;
}
