import cf from 'cloudfront';

// Which file answers a path, by the rule of infra/serving.py; whatever is no file of the site is
// its page 404, in the reader's language. The words between @ are filled in by infra/front.py.
const PAGES = @PAGES@;
const FILE = /^(?:@FILE@)$/;
const DRAW_FILE = /^(?:@DRAW_FILE@)$/;
const WAVE_PAGE = /^(?:@WAVE_PAGE@)$/;

function handler(event) {
  const request = event.request;
  const path = request.uri;
  const english = path === '/en' || path.startsWith('/en/') ? '/en' : '';
  const page = path.slice(english.length).replace(/\/index\.html$/, '/');
  if (DRAW_FILE.test(path)) {
    cf.selectRequestOriginById('draw');
  } else if (WAVE_PAGE.test(path)) {
    request.uri = `${english}@WAVE_PAGE_FILE@index.html`;
  } else if (PAGES.includes(page)) {
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
