import cf from 'cloudfront';

// Which file answers a path, by the rule of infra/serving.py, and who waits before the door, by that
// of infra/door.py; whatever is no file of the site is its page 404, in the reader's language. The
// words between @ are filled in by infra/front.py.
const PAGES = @PAGES@;
const FILE = /^(?:@FILE@)$/;
const DRAW_FILE = /^(?:@DRAW_FILE@)$/;
const WAVE_PAGE = /^(?:@WAVE_PAGE@)$/;
const DOOR_PAGES = @DOOR_PAGES@;
const ENTERED = @ENTERED@;
const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  const path = request.uri;
  const english = path === '/en' || path.startsWith('/en/') ? '/en' : '';
  const page = path.slice(english.length).replace(/\/index\.html$/, '/');
  if (DRAW_FILE.test(path)) {
    cf.selectRequestOriginById('draw');
  } else if (WAVE_PAGE.test(path)) {
    request.uri = `${english}@WAVE_PAGE_FILE@index.html`;
  } else if (PAGES.includes(page)) {
    if (DOOR_PAGES.includes(page)) {
      const waits = await atTheDoor(request, english, page);
      if (waits) return waits;
    }
    request.uri = `${english}${page}index.html`;
  } else if (PAGES.includes(`${page}/`) || WAVE_PAGE.test(`${path}/`)) {
    return {
      statusCode: 301,
      statusDescription: 'Moved Permanently',
      headers: { location: { value: `${path}/` } },
    };
  } else if (!FILE.test(path)) {
    request.uri = `${english}@NOT_FOUND@`;
  }
  return request;
}

async function atTheDoor(request, english, page) {
  const cookies = request.cookies || {};
  const mode = request.headers['sec-fetch-mode'];
  if ((mode && mode.value !== '@NAVIGATION@') || ENTERED.some((name) => cookies[name] && cookies[name].value)) return null;
  let door;
  try {
    door = await store.get('door', { format: 'json' });
  } catch (error) {
    return null;
  }
  const now = Date.now();
  if (now >= door.until || door.share >= @EVERYONE@) return null;
  const answer = {
    statusCode: 302,
    statusDescription: 'Found',
    headers: {
      location: { value: `${english}@ROOM@${page === '/' ? '' : '#daftar'}` },
      'cache-control': { value: 'no-store' },
    },
  };
  const seconds = Math.floor(now / 1000);
  const told = (cookies.@RETURN@ && cookies.@RETURN@.value) || '';
  const at = /^\d{1,12}$/.test(told) ? Number(told) : 0;
  if (at > seconds && at <= seconds + @RETURN_SECONDS@) return answer;
  if (Math.random() * @EVERYONE@ < door.share) return null;
  const back = seconds + @SOONEST@ + Math.floor(Math.random() * door.span);
  answer.cookies = {
    @RETURN@: { value: String(back), attributes: 'Path=/; Max-Age=@RETURN_SECONDS@; Secure; SameSite=Lax' },
  };
  return answer;
}
