import cf from 'cloudfront';

// The page 404 is an object like any other, so S3 answers 200 with it; infra/deploy/site.py marks
// it. CloudFront's own error pages would also take the place of what the API answers. Whoever was
// let in by the door (paths.js) stays inside.
const DOOR_PAGES = @DOOR_PAGES@;
const ENTERED = @ENTERED@;
const store = cf.kvs();

async function handler(event) {
  const response = event.response;
  const mark = response.headers['x-amz-meta-status'];
  if (mark && response.statusCode === 200) {
    response.statusCode = 404;
    response.statusDescription = 'Not Found';
    response.headers['cache-control'] = { value: 'no-store' };
    delete response.headers['x-amz-meta-status'];
  }
  if (!response.headers['cache-control']) {
    response.headers['cache-control'] = { value: '@CACHE_CONTROL@' };
  }
  if (await cameIn(event.request, response)) {
    response.cookies = response.cookies || {};
    response.cookies.@INSIDE@ = { value: '1', attributes: 'Path=/; Max-Age=@INSIDE_SECONDS@; Secure; HttpOnly; SameSite=Lax' };
  }
  return response;
}

async function cameIn(request, response) {
  const page = request.uri.replace(/^\/en(?=\/)/, '').replace(/\/index\.html$/, '/');
  const cookies = request.cookies || {};
  const mode = request.headers && request.headers['sec-fetch-mode'];
  if (!DOOR_PAGES.includes(page) || ![200, 304].includes(response.statusCode)) return false;
  if ((mode && mode.value !== '@NAVIGATION@') || ENTERED.some((name) => cookies[name] && cookies[name].value)) return false;
  try {
    const door = await store.get('door', { format: 'json' });
    return Date.now() < door.until && door.share < @EVERYONE@;
  } catch (error) {
    return false;
  }
}
