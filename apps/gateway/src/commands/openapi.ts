import { openApiDocument } from '../openapi/document';
import { describedRoutes } from '../openapi/routes';
import { controllers } from '../gateway.module';

/** The content of docs/openapi.json. A running gateway serves the same document with its own URL. */
export function writtenDescription(): string {
  return `${JSON.stringify(openApiDocument(describedRoutes(controllers), '/', '1'), null, 2)}\n`;
}
