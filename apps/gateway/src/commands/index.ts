export { writtenDescription } from './openapi';
export { routeRows } from './routes';
