// The token came in the fragment, which no server sees. It leaves the address bar before anything else can read it there.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);

const button = document.getElementById('confirm');
const outcome = document.getElementById('outcome');

function show(name) {
  outcome.textContent = outcome.dataset[name] ?? outcome.dataset.failed;
}

/** Resolves with the name of the outcome. Only a press of the button spends the token: mail scanners open links, but press nothing. */
async function confirm() {
  const response = await fetch('/api/v1/auth/verify-email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-session-mode': 'cookie' },
    body: JSON.stringify({ token }),
  });
  if (response.ok) return 'done';
  const { code } = await response.json();
  return code === 'validation_failed' ? 'token_invalid' : code;
}

button.addEventListener('click', async () => {
  button.disabled = true;
  show('working');
  const result = await confirm().catch(() => 'failed');
  show(result);
  button.disabled = result === 'done' || result.startsWith('token_');
});

if (!token) {
  button.disabled = true;
  show('missing');
}
