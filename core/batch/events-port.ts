/** Events for whoever listens on the bus. An event may be published twice: its `id` tells. */
export interface Events {
  publish(detailType: string, detail: object): Promise<void>;
}
