import type { EmittedEvent } from '../events/event.ts';
import type { ExecutionEnded } from '../step-functions/server.ts';

/** Step Functions tells EventBridge how each Standard execution ended. */
export function executionEndedEvent(ended: ExecutionEnded): EmittedEvent {
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [ended.executionArn],
    detail: ended,
  };
}
