// The token came in the fragment, which no server sees. It leaves the address bar before anything else can read it there.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);

const part = (id) => document.getElementById(id);
const summary = part('summary');
const outcome = part('outcome');
const everyButton = () => [...document.querySelectorAll('button')];
const over = /^token_|^(accepted|declined|signed_up|already_member)$/;
let invitation;

function fill(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]);
}

function show({ name, text }) {
  outcome.textContent = text ?? outcome.dataset[name] ?? outcome.dataset.failed;
}

function csrfToken() {
  return /(?:^|; )__Host-csrf=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

async function post(path, body) {
  const headers = { 'content-type': 'application/json', 'x-session-mode': 'cookie', 'x-csrf-token': csrfToken() };
  const response = await fetch(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = response.status === 204 ? {} : await response.json();
  if (response.ok) return { answer };
  return { code: answer.code, text: answer.errors?.find(({ path: field }) => field !== 'token')?.message };
}

/** Only a click on a button responds to the invitation: mail scanners open links but click nothing. */
async function look() {
  const { answer, code } = await post('/invitations/look', { token });
  if (answer === undefined) return { name: code === 'validation_failed' ? 'token_invalid' : code };
  invitation = answer;
  const { by, byNobody } = summary.dataset;
  summary.textContent = fill(answer.invitedBy === null ? byNobody : by, answer);
  part('account-text').textContent = fill(part('account-text').dataset.text, answer);
  part('answer').hidden = false;
  return { text: '' };
}

async function accept() {
  const first = await post('/invitations/accept', { token });
  // The page may have been open for longer than an access token lives.
  const isLate = first.code === 'unauthenticated' && (await post('/auth/refresh', {})).answer !== undefined;
  const { code } = isLate ? await post('/invitations/accept', { token }) : first;
  if (code === 'unauthenticated') part('account').hidden = false;
  return { name: code ?? 'accepted' };
}

async function decline() {
  const { code } = await post('/invitations/decline', { token });
  return { name: code ?? 'declined' };
}

async function mailSignInLink() {
  const { code } = await post('/auth/magic-link', { email: invitation.email });
  return { name: code ?? 'link_sent' };
}

async function signUp() {
  const { value: name } = part('name');
  const { value: password } = part('password');
  const locale = document.documentElement.lang;
  const { code, text } = await post('/invitations/register', { token, name, password, locale });
  return { name: code ?? 'signed_up', text };
}

async function run(work) {
  for (const button of everyButton()) button.disabled = true;
  show({ name: 'working' });
  const end = await work().catch(() => ({ name: 'failed' }));
  show(end);
  for (const button of everyButton()) button.disabled = false;
  // What is answered cannot be answered again: only what came of it stays.
  if (over.test(end.name ?? '')) for (const id of ['answer', 'account']) part(id).hidden = true;
  outcome.scrollIntoView({ block: 'nearest' });
}

function onSubmit(id, workOf) {
  part(id).addEventListener('submit', (event) => {
    event.preventDefault();
    void run(workOf(event));
  });
}

onSubmit('answer', ({ submitter }) => (submitter?.value === 'decline' ? decline : accept));
onSubmit('sign-in', () => mailSignInLink);
onSubmit('sign-up', () => signUp);

if (token) void run(look);
else show({ name: 'missing' });
