// The page 404 is an object like any other, so S3 answers 200 with it; infra/deploy/site.py marks
// it. CloudFront's own error pages would also take the place of what the API answers.
function handler(event) {
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
  return response;
}
