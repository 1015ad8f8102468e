/** True if a media type, its parameters aside, is one of the API's binary media types. */
export function isBinary(mediaType: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const [type = ''] = (mediaType ?? '').toLowerCase().split(';');
  return binaryMediaTypes.some((pattern) => {
    const [wantedMain, wantedSub] = pattern.toLowerCase().split('/');
    if (wantedMain === '*' && wantedSub === '*') return true;
    const [main, sub] = type.trim().split('/');
    return wantedMain === main && (wantedSub === '*' || wantedSub === sub);
  });
}
