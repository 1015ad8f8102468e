const PRINTED = /^https:\/\/(?<id>[a-z0-9]+)\.execute-api\.[^/]+\/(?<rest>.+)$/;

/** Where an API answers in the emulator instead of at the URL that its stack prints. Throws on any other URL. */
export function apiUrl(emulatorUrl: string, printed: string): string {
  const { id, rest } = PRINTED.exec(printed)?.groups ?? {};
  if (id === undefined || rest === undefined) throw new Error(`${printed} is not the URL of an API.`);
  return `${emulatorUrl}/_aws/execute-api/${id}/${rest}`;
}
