// Stands where the origin would, and counts who comes.
let count = 0;

export default {
  /** @param {Request} request */
  fetch(request) {
    if (new URL(request.url).pathname === '/count') return new Response(String(count));
    count += 1;
    return new Response(null, { status: 404 });
  },
};
