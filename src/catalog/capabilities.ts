/** A kind of content that models take or make. `file` stands for documents such as PDFs. */
export type Modality = 'text' | 'image' | 'audio' | 'video' | 'file' | 'embeddings';

/** All modalities, in the order in which they are shown. */
export const MODALITIES: readonly Modality[] = ['text', 'image', 'audio', 'video', 'file', 'embeddings'];

/** What a model takes and can do. A field that is not set says nothing. */
export interface Capabilities {
  /** What a request may hold. @default text */
  readonly input?: readonly Modality[];
  /** What an answer may hold. @default text */
  readonly output?: readonly Modality[];
  /** Calls the client's functions. */
  readonly tools?: boolean;
  /** Answers by a JSON schema. */
  readonly structuredOutput?: boolean;
  /** Thinks before it answers: true, or the levels of `reasoning_effort` that it knows. */
  readonly reasoning?: boolean | readonly string[];
  /** Reads a repeated beginning of the prompt from a cache. */
  readonly promptCache?: boolean;
  /** Searches the web with the provider's own tool. */
  readonly webSearch?: boolean;
  /** False: `temperature`, `top_p` and the like are refused. */
  readonly sampling?: boolean;
}
