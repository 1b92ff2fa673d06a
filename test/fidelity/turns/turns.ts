export const PNG = 'iVBORw0KGgo=';
export const PDF = 'JVBERi0xLjQ=';
export const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };

/** What tools said whose calls are not there, or elsewhere. */
export const LOST = ['Gone.', 'Late.', 'Again.', 'And?'];

/** A conversation as one provider or client makes it and another has never seen it. */
export interface Turns {
  /** What the model must still be told, in any form. */
  readonly kept: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  /** The models of the format's own API get the client's bytes, which may be made up here. */
  readonly except?: readonly string[];
}

/** A turn of the user, alike in all formats but Gemini's. */
export const user = (content: unknown) => ({ role: 'user', content });
