import type { UnitCounts } from '../../lib/usage.js';
import type { UploadedFile } from '../../uploads/uploaded-file.js';

/** The routes that take or make media, and moderations. Source: the OpenAI API reference. */
export type MediaPath =
  | 'images/generations'
  | 'images/edits'
  | 'audio/speech'
  | 'audio/transcriptions'
  | 'audio/translations'
  | 'moderations';

/** A request whose fields were checked and are sent as they came, except for the model. */
export interface MediaRequest {
  readonly path: MediaPath;
  readonly model: string;
  readonly stream: boolean;
  /** Fields in order. JSON values; texts where the request is a form. */
  readonly fields: readonly (readonly [string, unknown])[];
  /** Set where the request is a form. */
  readonly files: readonly UploadedFile[] | undefined;
  readonly use: MediaUse;
}

/**
 * The most that a request can use, in both ways that such models are priced: by the unit where the price has it, else
 * by tokens.
 */
export interface MediaUse {
  /** `{ 'image:1024x1024:high': 2 }`, `{ character: 120 }`, `{ input_second: 61.2 }`; undefined: only tokens are priced. */
  readonly units: UnitCounts | undefined;
  readonly tokens: { readonly inputTokens: number; readonly outputTokens: number; readonly units?: UnitCounts };
  /** The field whose size nothing proves; undefined: none. */
  readonly unsized?: string;
}
