import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/** The source of every event that Slackline publishes. */
const EVENT_SOURCE = 'slackline';

/** Events on one EventBridge bus. */
export function eventBridgeEvents(client: EventBridgeClient, busName: string) {
  return {
    async publish(detailType: string, detail: object): Promise<void> {
      const Entries = [
        {
          EventBusName: busName,
          Source: EVENT_SOURCE,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
        },
      ];
      const { FailedEntryCount = 0, Entries: results = [] } = await client.send(
        new PutEventsCommand({ Entries }),
      );
      if (FailedEntryCount > 0)
        throw new Error(`EventBridge refused ${detailType}: ${results[0]?.ErrorCode}.`);
    },
  };
}
