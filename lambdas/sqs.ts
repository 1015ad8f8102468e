import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Log } from './log.ts';
import { withoutPayload } from './without-payload.ts';

/**
 * The one way to consume a queue: each message by itself, in order, and only those that failed come again. A
 * message that always fails ends among the dead letters.
 */
export function sqsHandler(handleBody: (body: string, log: Log) => Promise<void>) {
  const logger = new Logger();
  const log: Log = (message, fields) => logger.info(message, { ...fields });
  const handleRecord = async ({ messageId, body }: SQSRecord): Promise<void> => {
    try {
      await handleBody(body, log);
    } catch (cause) {
      const error = withoutPayload(cause as Error);
      logger.error('message failed', { messageId, error });
      throw error;
    }
  };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .handler((event: SQSEvent, context: Context) =>
      processPartialResponse(event, handleRecord, new BatchProcessor(EventType.SQS), {
        context,
        processInParallel: false,
        throwOnFullBatchFailure: false,
      }),
    );
}
