import type { MessagesRequest } from './api.js';

/** A cloud that hosts Claude under Anthropic's own bodies: what its URLs and bodies have that Anthropic's have not. */
export interface MessagesHost {
  /** The `anthropic_version` of the body; the model is in the URL. */
  readonly version: string;
  /** The path of a request, which the host's `toUrl` completes. */
  path(stream: boolean): string;
  /** False where the URL alone says that an answer is streamed. */
  readonly streamInBody: boolean;
  /** True where betas stand in the body and not in a header. */
  readonly betasInBody: boolean;
}

/** A request's body as a host takes it; what the client may have set of the host's own fields is replaced. */
export function hostedBody(body: MessagesRequest, host: MessagesHost, betas: readonly string[]): object {
  const { model: _, stream, anthropic_beta: _ignored, ...rest } = body;
  return {
    ...rest,
    anthropic_version: host.version,
    ...(stream && host.streamInBody && { stream }),
    ...(betas.length > 0 && host.betasInBody && { anthropic_beta: betas }),
  };
}
