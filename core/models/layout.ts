/** Says that a folder of the model bucket is whole; written last. */
export const MANIFEST_FILE = 'slackline.json';

/** Where all weights of a Fleet lie in the model bucket; ends with a slash, as all folders here. */
export const weightsFolders = (fleetId: string): string => `models/${fleetId}/`;

/** The weights of a Fleet at one commit. */
export const weightsFolder = (fleetId: string, revision: string): string =>
  `${weightsFolders(fleetId)}${revision}/`;

export const adapterFolders = (adapterId: string): string => `adapters/${adapterId}/`;

/** An adapter at one commit. */
export const adapterFolder = (adapterId: string, revision: string): string =>
  `${adapterFolders(adapterId)}${revision}/`;

/** Compiled kernels of all Fleets. */
export const COMPILE_CACHE = 'compile-cache/';

export const compileCacheFolder = (fleetId: string): string => `${COMPILE_CACHE}${fleetId}/`;
