import { digest } from '../../lib/digest.js';

/** Source: AWS, Amazon Bedrock API reference, `ToolSpecification.name`. */
const VALID = /^[A-Za-z0-9_-]{1,64}$/;

/** The name of a tool as Converse takes it; the same name always becomes the same. */
export function converseName(name: string): string {
  if (VALID.test(name)) return name;
  return `${name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 52)}_${digest(name).slice(0, 11)}`;
}
