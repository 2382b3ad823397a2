// Swagger UI calls this API with the reader's cookies, so it has to repeat the CSRF token.
function withCsrfToken(request) {
  const token = document.cookie
    .split('; ')
    .find((cookie) => cookie.startsWith('__Host-csrf='))
    ?.slice('__Host-csrf='.length);
  if (token) request.headers['X-CSRF-Token'] = token;
  return request;
}

window.SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});
