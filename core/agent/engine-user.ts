/**
 * The number of the user, and of its group, that an engine runs as in the image of the GPU task. The Dockerfile makes
 * the user, and the instances refuse its packets to the metadata.
 */
export const ENGINE_UID = 10_002;
