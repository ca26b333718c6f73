// The KV service of the bench: what workerd's KV binding asks over HTTP, with one brand for every key.
export default {
  /** @param {Request} request @param {{ BRAND: string }} env */
  fetch(request, env) {
    return request.method === 'GET' ? new Response(env.BRAND) : new Response(null, { status: 204 });
  },
};
