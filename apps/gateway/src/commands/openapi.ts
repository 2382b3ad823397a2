import { openApiDocument } from '../openapi/document';
import { describedRoutes } from '../openapi/routes';
import { controllers } from '../gateway.module';

/** The API description as docs/openapi.json holds it. A running gateway serves the same with its own address. */
export function writtenDescription(): string {
  return `${JSON.stringify(openApiDocument(describedRoutes(controllers), '/', '1'), null, 2)}\n`;
}
