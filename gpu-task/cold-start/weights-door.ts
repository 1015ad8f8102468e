import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelFiles } from '../../adapters/aws/model-files.ts';
import type { ModelManifest } from '../../core/models/manifest.ts';
import { readDoorRequest } from './door-request.ts';
import { listingXml, refusalXml } from './door-xml.ts';

export interface WeightsDoorOptions {
  readonly modelFiles: ModelFiles;
  /** Of the model at its revision, in the model bucket; ends with a slash. */
  readonly folder: string;
  readonly files: ModelManifest['files'];
  /** Unguessable; the engine's access key at this door. */
  readonly accessKey: string;
  /** Told when the model bucket could not be read. */
  readonly onTrouble: (error: unknown) => void;
}

export interface WeightsDoor {
  /** What vLLM takes as its model. The same at every start: vLLM's compile cache is keyed by it. */
  readonly model: string;
  /** Leads the engine's S3 clients to the door. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Names the door's bucket to the engine; not a bucket of AWS. */
const DOOR_BUCKET = 'weights';

/**
 * A read-only S3 endpoint on 127.0.0.1 for the files of one model at one revision. The engine has no credentials of
 * AWS: the door reads the model bucket with the agent's own, for whoever shows its access key.
 */
export async function openWeightsDoor(options: WeightsDoorOptions): Promise<WeightsDoor> {
  const server = createServer({ highWaterMark: 1 << 20 }, (request, response) =>
    answer(options, request, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    model: `s3://${DOOR_BUCKET}/${options.folder.replace(/\/$/, '')}`,
    env: clientEnvironment(`http://127.0.0.1:${port}`, options.accessKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** For boto3, which gets the small files, and for the streamer's own client, which gets the weights. */
const clientEnvironment = (url: string, accessKey: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  NO_PROXY: '127.0.0.1',
  RUNAI_STREAMER_S3_ENDPOINT: url,
  RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING: '0',
  // Good at the door alone; AWS knows no such key.
  AWS_ACCESS_KEY_ID: accessKey,
  AWS_SECRET_ACCESS_KEY: 'door',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Says in the log how long the weights took.
  RUNAI_STREAMER_LOG_TO_STDERR: '1',
});

function answer(options: WeightsDoorOptions, request: IncomingMessage, response: ServerResponse): void {
  const wish = readDoorRequest(request, { ...options, bucket: DOOR_BUCKET });
  switch (wish.kind) {
    case 'refused':
      refuse(response, wish.statusCode, wish.code);
      break;
    case 'list':
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(listingXml({ ...wish, bucket: DOOR_BUCKET, etag: ETAG }));
      break;
    case 'head':
      response.writeHead(200, { 'content-length': wish.bytes, 'accept-ranges': 'bytes', etag: ETAG }).end();
      break;
    case 'get':
      void copy(options, { key: wish.key, request, response });
      break;
    default:
      wish satisfies never;
  }
}

/** What a revision holds does not change: one tag serves all of its objects. */
const ETAG = '"weights"';

interface Copy {
  readonly key: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What undici says where the answer was closed from the other side. */
const CLIENT_GONE = 'ERR_STREAM_PREMATURE_CLOSE';
const PASSED_ON = ['content-length', 'content-range', 'content-type'] as const;

async function copy(
  { modelFiles, onTrouble }: WeightsDoorOptions,
  { key, request, response }: Copy,
): Promise<void> {
  try {
    await modelFiles.copy(key, request.headers.range, ({ statusCode, headers }) => {
      const passed = PASSED_ON.flatMap((name) =>
        headers[name] === undefined ? [] : [[name, headers[name]]],
      );
      return response.writeHead(statusCode, { ...Object.fromEntries(passed), etag: ETAG });
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === CLIENT_GONE) return;
    onTrouble(error);
    // What is cut is fetched again; so is what is refused as an internal error.
    if (response.headersSent) response.destroy();
    else refuse(response, 500, 'InternalError');
  }
}

function refuse(response: ServerResponse, statusCode: number, code: string): void {
  response.writeHead(statusCode, { 'content-type': 'application/xml' }).end(refusalXml(code));
}
