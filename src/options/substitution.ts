/**
 * References to environment variables in a configuration file: `${NAME}`, `${env:NAME}`, `${NAME:-default}`, and `$$` for a
 * dollar sign.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
 */
import type { Document, Scalar } from 'yaml';
import type * as Yaml from 'yaml';

const REFERENCE = /\$\{(?:([a-zA-Z][a-zA-Z0-9_]*):(?!-))?([^}]+)\}/g;
const VARIABLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?::-([^\n]*))?$/;

/**
 * Replaces the references in one text. What a variable holds is not looked at again.
 *
 * @throws SyntaxError for a reference that is malformed
 */
export function substitute(text: string, env: NodeJS.ProcessEnv): string {
  return text
    .split('$$')
    .map((part) =>
      part.replace(REFERENCE, (reference, prefix: string | undefined, content: string) => {
        const [, name, fallback = ''] = VARIABLE.exec(content) ?? [];
        if (name === undefined || (prefix !== undefined && prefix !== 'env')) {
          throw new SyntaxError(
            `${reference} is no reference; expected \${NAME} or \${NAME:-default}, and $$ for a "$"`,
          );
        }
        const value = env[name];
        return value === undefined || value === '' ? fallback : value;
      }),
    )
    .join('$');
}

/**
 * Replaces the references in all values of a document, not in its keys. What stood there without quotes is read again,
 * so that `${TIMING}` can be a boolean; it never becomes more than one value.
 *
 * @param yaml the module, which is loaded only for those who have a file
 */
export function substituteInDocument(yaml: typeof Yaml, document: Document, env: NodeJS.ProcessEnv): void {
  yaml.visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
      const text = substitute(node.value, env);
      if (text === node.value) return;
      node.value = node.type === yaml.Scalar.PLAIN ? typed(yaml, text) : text;
    },
  });
}

/** Null, a boolean or a number, if it is one in YAML, else the text as it is. */
function typed(yaml: typeof Yaml, text: string): Scalar['value'] {
  const { contents, errors } = yaml.parseDocument(text);
  if (errors.length > 0) return text;
  if (contents === null) return null;
  return yaml.isScalar(contents) && typeof contents.value !== 'string' ? contents.value : text;
}
