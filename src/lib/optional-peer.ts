/**
 * Loads a package that not every user needs and that is installed beside this one.
 *
 * @param user what needs it, for the error: `vertex({ credentials })`.
 * @throws {Error} that says what to install, when it is not there.
 */
export async function optionalPeer<T>(name: string, user: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    throw new Error(`${user} needs the package '${name}': npm install ${name}`, { cause: thrown });
  }
}

function isMissing(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
