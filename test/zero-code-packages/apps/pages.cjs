const http = require('http');

/** Yields the body of each page. */
exports.readPages = async function* readPages(url, count) {
  for (let page = 1; page <= count; page++) {
    yield await new Promise((resolve, reject) => {
      http
        .get(`${url}?page=${page}`, async (response) => {
          let body = '';
          for await (const chunk of response) body += chunk;
          resolve(body);
        })
        .on('error', reject);
    });
  }
};
