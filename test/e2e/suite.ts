import { z } from 'zod';
import { SuiteClient } from './client';

/** The suite that the end-to-end tests share, with two replicas of each service. `test/global-setup.ts` starts it. */
const variables = z
  .object({
    TEST_API_URL: z.url(),
    TEST_MAIL_URL: z.url(),
    TEST_COLLECTOR_URL: z.url(),
    TEST_DATABASE_URL_AUTH: z.string(),
    TEST_SUITE_FOLDER: z.string(),
  })
  .parse(process.env);

export const suite = new SuiteClient({
  api: variables.TEST_API_URL,
  mail: variables.TEST_MAIL_URL,
  authDatabase: variables.TEST_DATABASE_URL_AUTH,
});

export const authDatabase = variables.TEST_DATABASE_URL_AUTH;
export const apiUrl = variables.TEST_API_URL;
export const mailUrl = variables.TEST_MAIL_URL;
/** Where the services send the spans of requests that ask to be traced. */
export const collectorUrl = variables.TEST_COLLECTOR_URL;
export const suiteFolder = variables.TEST_SUITE_FOLDER;
