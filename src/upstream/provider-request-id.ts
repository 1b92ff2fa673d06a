/** Headers in which providers name a request, in their API references. */
const ID_HEADERS = ['x-request-id', 'request-id', 'x-amzn-requestid', 'apim-request-id', 'x-goog-request-id'];

/** The provider's own id of a request, from the headers of its answer: its support asks for it. */
export function providerRequestId(headers: Readonly<Record<string, string>>): string | undefined {
  for (const name of ID_HEADERS) {
    const id = headers[name];
    if (id !== undefined && id !== '') return id.slice(0, 200);
  }
  return undefined;
}
