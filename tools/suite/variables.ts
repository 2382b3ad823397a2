import leven from 'leven';
import type { ServiceName } from '#libs/contracts';
import { services, variablesOf } from './apps';

export type Variables = Readonly<Record<string, string>>;

/** The variables that Node and the libraries in each service read. */
const libraryVariables =
  /^(OTEL_.+|SENTRY_.+|NODE_EXTRA_CA_CERTS|NODE_USE_ENV_PROXY|(HTTPS?|NO)_PROXY|(https?|no)_proxy|UV_THREADPOOL_SIZE|MALLOC_.+)$/;
/** The default credential chain for S3, where auth stores pictures. */
const awsVariables = /^AWS_.+$/;

/** Variables of `npm start` itself: the ports of the mail catcher. */
const runnerVariables = ['MAIL_UI_PORT', 'SMTP_PORT'];

const knownNames = [...new Set([...services.flatMap(variablesOf), ...runnerVariables])];

/** Returns the variables that this service gets. */
export function variablesFor(service: ServiceName, settings: Variables): Record<string, string> {
  const names = new Set(variablesOf(service));
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name]) => names.has(name) || libraryVariables.test(name) || (service === 'auth' && awsVariables.test(name)),
    ),
  );
}

export function isKnown(name: string): boolean {
  return knownNames.includes(name) || libraryVariables.test(name) || awsVariables.test(name);
}

/** Returns the known name with the most similar spelling, and how many letters differ. */
export function nearestName(name: string): { readonly known: string; readonly distance: number } {
  const spelling = name.toUpperCase();
  return knownNames
    .filter((known) => known.endsWith('_FILE') === spelling.endsWith('_FILE'))
    .map((known) => ({ known, distance: leven(spelling, known) }))
    .reduce((best, candidate) => (candidate.distance < best.distance ? candidate : best));
}
