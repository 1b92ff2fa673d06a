import { join } from 'node:path';
import ts from 'typescript';

/** An entry point of the package and what it exports. */
export interface EntryPoint {
  /** What an app imports: `metask-gateway/express`. */
  readonly name: string;
  readonly symbols: readonly ExportedSymbol[];
}

/** An exported name with its declarations: several for overloads. */
export interface ExportedSymbol {
  readonly name: string;
  readonly declarations: readonly ts.Declaration[];
}

/** Reads the entry points that tsconfig.json maps to sources, in its order. */
export function readEntryPoints(root: string): EntryPoint[] {
  return readPackage(root).entryPoints;
}

/** The same with what knows the types of their declarations. */
export function readPackage(root: string): { readonly entryPoints: EntryPoint[]; readonly checker: ts.TypeChecker } {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const files = Object.entries(options.paths ?? {}).map(([name, [file]]) => ({ name, file: join(root, String(file)) }));
  const program = ts.createProgram(
    files.map(({ file }) => file),
    options,
  );
  const checker = program.getTypeChecker();
  const entryPoints = files.map(({ name, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${name}: ${file} is not a module`);
    const symbols = checker.getExportsOfModule(module).map((symbol) => {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      const { declarations = [] } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
      return { name: symbol.name, declarations };
    });
    return { name, symbols: symbols.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
  return { entryPoints, checker };
}
