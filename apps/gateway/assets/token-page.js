// The token came in the fragment, which no server sees. It leaves the address bar before anything else can read it there.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);

const form = document.getElementById('act');
const input = document.getElementById('value');
const button = form.querySelector('button');
const outcome = document.getElementById('outcome');
// Pages that ask for more than a press of the button name a field.
const asksForValue = input.name !== '';
document.getElementById('field').hidden = !asksForValue;
input.required = asksForValue;

function show(name) {
  outcome.textContent = outcome.dataset[name] ?? outcome.dataset.failed;
}

/** Only a click on the button uses the token: mail scanners open links but click nothing. */
async function act() {
  const { endpoint, token: tokenField } = form.dataset;
  const value = asksForValue ? { [input.name]: input.value } : {};
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-session-mode': 'cookie' },
    body: JSON.stringify(tokenField === '' ? value : { [tokenField]: token, ...value }),
  });
  if (response.ok) return askForSecondFactor(response);
  const { code, errors = [] } = await response.json();
  const ofValue = errors.find(({ path }) => path === input.name);
  if (ofValue !== undefined) return { text: ofValue.message };
  return { name: code === 'validation_failed' ? 'token_invalid' : code };
}

async function askForSecondFactor(response) {
  const answer = response.status === 204 ? {} : await response.json();
  if (answer.mfaRequired) location.assign(`/mfa#token=${encodeURIComponent(answer.mfaToken)}`);
  return { name: 'done' };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  show('working');
  const { name, text } = await act().catch(() => ({ name: 'failed' }));
  if (text === undefined) show(name);
  else outcome.textContent = text;
  button.disabled = (name === 'done' && form.dataset.token !== '') || /^(mfa_)?token_/.test(name ?? '');
});

if (!token && form.dataset.token !== '') {
  button.disabled = true;
  show('missing');
}
