import ts from 'typescript';

/** One import, re-export, dynamic import or import type of a file, in source order. */
export interface Import {
  /** Undefined when the name is computed, so that nobody can know it before the program runs. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** True when nothing of it is left at run time. `import { type A }` is: it still loads the file. */
  readonly typeOnly: boolean;
}

export function readImports(path: string, text: string): Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const found = findImport(node);
    if (found !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      imports.push({ specifier: textOf(found.name), line: line + 1, typeOnly: found.typeOnly });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

interface FoundImport {
  readonly name: ts.Node | undefined;
  readonly typeOnly: boolean;
}

function findImport(node: ts.Node): FoundImport | undefined {
  if (ts.isImportDeclaration(node)) {
    return {
      name: node.moduleSpecifier,
      typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { name: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) {
    return { name: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, typeOnly: true };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { name: node.moduleReference.expression, typeOnly: node.isTypeOnly };
  }
  if (ts.isCallExpression(node) && isLoader(node.expression))
    return { name: node.arguments[0], typeOnly: false };
  return undefined;
}

function isLoader(called: ts.Expression): boolean {
  return (
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require')
  );
}

function textOf(name: ts.Node | undefined): string | undefined {
  return name !== undefined && ts.isStringLiteralLike(name) ? name.text : undefined;
}
