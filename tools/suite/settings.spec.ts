import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './settings';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-settings-'));
  file = join(folder, '.env');
});
afterEach(() => rmSync(folder, { recursive: true }));

const providers = '[{"id":"acme","name":"Acme #1","issuer":"https://id.acme.test"}]';

it('reads .env in the usual notation, with quotes and comments', () => {
  writeFileSync(file, `# ours\nOIDC_PROVIDERS='${providers}'\nexport TRUST_PROXY=1 # one\nAPP_NAME="Acme Portal"\n`);
  expect(readSettings(file, {})).toEqual({
    variables: { OIDC_PROVIDERS: providers, TRUST_PROXY: '1', APP_NAME: 'Acme Portal' },
    warnings: [],
  });
});

it('prefers the environment to .env, and treats an empty variable as unset', () => {
  writeFileSync(file, 'APP_NAME=File\nTRUST_PROXY=1\nPORT=\n');
  const { variables } = readSettings(file, { APP_NAME: 'Environment', TRUST_PROXY: ' ', PORT: '' });
  expect(variables).toEqual({ APP_NAME: 'Environment', TRUST_PROXY: '1' });
});

it('needs no .env', () => {
  expect(readSettings(file, { PORT: '8080' })).toEqual({ variables: { PORT: '8080' }, warnings: [] });
});

it('names every unknown key of .env with the nearest known name, and no value', () => {
  writeFileSync(file, 'CORS_ORIGIN=hunter2\nOIDC_CLIENT_SECRET_OF_ACME=hunter2\ntrust_proxy=hunter2\n');
  const { warnings } = readSettings(file, {});
  expect(warnings).toEqual([
    '.env sets CORS_ORIGIN, but no service reads it. Did you mean CORS_ORIGINS?',
    '.env sets OIDC_CLIENT_SECRET_OF_ACME, but no service reads it. Remove it, or check its name.',
    '.env sets trust_proxy, but no service reads it. Did you mean TRUST_PROXY?',
  ]);
});

it.each([
  ['OIDC_PROVIDER', 'OIDC_PROVIDERS'],
  ['TRUSTED_PROXY', 'TRUST_PROXY'],
  ['CORS_ORGINS', 'CORS_ORIGINS'],
  ['GOOGLE_CLIENTID', 'GOOGLE_CLIENT_ID'],
  ['APPNAME', 'APP_NAME'],
  ['BREACHED_PASSWORD_URL', 'BREACHED_PASSWORDS_URL'],
  ['MAIL_UI_PORTS', 'MAIL_UI_PORT'],
])('warns that %s in the environment looks like %s', (name, known) => {
  expect(readSettings(file, { [name]: 'hunter2' }).warnings).toEqual([
    `${name} is set in the environment, but no service reads it. Did you mean ${known}?`,
  ]);
});

it('does not warn about variables of other programs in the environment', () => {
  const names =
    'HOME HOSTNAME HOSTTYPE LANG LOGNAME MAIL PATH PWD SHELL SHLVL TERM TMPDIR TZ USER EDITOR PAGER CI FORCE_COLOR NO_COLOR DISPLAY ' +
    'SSH_AUTH_SOCK GITHUB_TOKEN NODE_PATH NODE_OPTIONS XDG_RUNTIME_DIR npm_config_cache npm_lifecycle_event npm_package_name ' +
    'COLORTERM OLDPWD GOOGLE_APPLICATION_CREDENTIALS KUBECONFIG DOCKER_HOST API_URL MAIL_URL DATABASE_URL_AUTH TEST_DATABASE_URL';
  const environment = Object.fromEntries(names.split(' ').map((name) => [name, 'x']));
  expect(readSettings(file, environment).warnings).toEqual([]);
});

it('does not warn about variables that a library reads', () => {
  writeFileSync(
    file,
    'OTEL_TRACES_SAMPLER=always_on\nAWS_REGION=eu-north-1\nSENTRY_RELEASE=1\nHTTPS_PROXY=http://proxy\n',
  );
  expect(readSettings(file, {}).warnings).toEqual([]);
});
